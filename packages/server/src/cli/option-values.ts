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

const DAY_NAMES: Record<string, number> = { today: 0, yesterday: 1 };

/** The start of today or yesterday, by this machine's clock. */
const dayOf = (text: string): number | undefined => {
  const back = DAY_NAMES[text];
  if (back === undefined) return undefined;
  const now = new Date();
  return Math.floor(new Date(now.getFullYear(), now.getMonth(), now.getDate() - back).getTime() / 1000);
};

/**
 * A day or a time, such as `2027-01-31`, `2027-01-31T12:00` or `2027-01-31T12:00:00Z`, in epoch seconds. Without a zone it is
 * this machine's time.
 */
const momentOf = (text: string): number | undefined => {
  const isValid = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?$/.test(text);
  // Date.parse takes a day alone for one of UTC.
  const ms = isValid ? Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T")) : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
};

/**
 * Returns a parser for times: a day or a time, or a distance from now. It gives epoch seconds.
 * @param direction 1 if `30d` means in thirty days, -1 if it means thirty days ago
 */
export const parseMoment =
  (direction: 1 | -1) =>
  (text: string): number => {
    const duration = durationOf(text);
    const moment = momentOf(text) ?? (direction === -1 ? dayOf(text) : undefined);
    const found = duration === undefined ? moment : epochSeconds() + direction * duration;
    if (found !== undefined) return found;
    const days = direction === -1 ? "today, yesterday, " : "";
    throw new InvalidArgumentError(
      `Use a form like 30m, 12h, 90d, 2w, ${days}2027-01-31 or 2027-01-31T12:00, with Z behind it for UTC.`,
    );
  };
