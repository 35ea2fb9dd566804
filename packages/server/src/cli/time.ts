import { InvalidArgumentError } from "commander";
import { epochSeconds } from "../clock.ts";

const SECONDS = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof SECONDS;

/** Epoch seconds as UTC text, to the second. */
export const timeText = (epoch: number): string =>
  new Date(epoch * 1000).toISOString().slice(0, 19).replace("T", " ");

/** Epoch seconds as UTC text, to the minute. */
export const minuteText = (epoch: number): string => timeText(epoch).slice(0, 16);

/** The seconds of a text like `30m`, `12h`, `90d` or `2w`; undefined for other texts. */
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
 * Returns a parser for times: a date or time in UTC, or a distance from now. It gives epoch seconds.
 * @param direction 1 if `30d` means in thirty days, -1 if it means thirty days ago
 */
export const parseMoment =
  (direction: 1 | -1) =>
  (text: string): number => {
    const duration = durationOf(text);
    const found = duration === undefined ? momentOf(text) : epochSeconds() + direction * duration;
    if (found !== undefined) return found;
    throw new InvalidArgumentError("Use a form like 30m, 12h, 90d, 2w, 2027-01-31 or 2027-01-31T12:00:00Z.");
  };
