import { InvalidArgumentError } from "commander";
import { epochSeconds } from "../clock.ts";

const SECONDS = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof SECONDS;

/** Epoch seconds in UTC as people read them, to the second. */
export const timeText = (epoch: number): string =>
  new Date(epoch * 1000).toISOString().slice(0, 19).replace("T", " ");

/** Seconds that a text like `30m`, `12h`, `90d` or `2w` says; undefined for another text. */
const durationOf = (text: string): number | undefined => {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(count) * SECONDS[unit as Unit];
};

/** A day or a time in UTC, such as `2027-01-31` or `2027-01-31T12:00:00Z`, in epoch seconds. */
const momentOf = (text: string): number | undefined => {
  const written = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?$/.test(text);
  const ms = written ? Date.parse(/T.*\d$/.test(text) ? `${text}Z` : text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
};

/**
 * A parser of moments: a day or time in UTC, or how far it is from now, in epoch seconds.
 * @param direction 1 where `30d` means in thirty days, -1 where it means thirty days ago
 */
export const moment =
  (direction: 1 | -1) =>
  (text: string): number => {
    const duration = durationOf(text);
    const found = duration === undefined ? momentOf(text) : epochSeconds() + direction * duration;
    if (found !== undefined) return found;
    throw new InvalidArgumentError("Write it like 30m, 12h, 90d, 2w, 2027-01-31 or 2027-01-31T12:00:00Z.");
  };
