import { InvalidArgumentError } from "commander";
import { epochSeconds } from "../clock.ts";

/** Returns a parser for whole numbers in a range. */
export const wholeNumber =
  (min: number, max: number = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const n = Number(text);
    if (/^-?\d+$/.test(text) && n >= min && n <= max) return n;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };

const SECONDS: Record<string, number> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The seconds of a text like `30m`, `12h`, `90d` or `2w`; undefined for other texts. */
const durationOf = (text: string): number | undefined => {
  const [, count, unit = ""] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const seconds = SECONDS[unit];
  return seconds && Number(count) * seconds;
};

/** A day or a time in UTC, such as `2027-01-31` or `2027-01-31T12:00:00Z`, in epoch seconds. */
const momentOf = (text: string): number | undefined => {
  const isValid = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z?)?$/.test(text);
  const ms = isValid ? Date.parse(/T.*\d$/.test(text) ? `${text}Z` : text) : Number.NaN;
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
