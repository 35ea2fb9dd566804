import { HitagiError } from "@hitagi/contract";
import { Cron } from "croner";
import { englishPattern, unknownWord } from "./english-times.ts";

/** When a schedule runs: five cron fields, in a time zone. */
export interface Times {
  cron: string;
  zone: string;
}

const cronOf = ({ cron, zone }: Times): Cron => new Cron(cron, { timezone: zone, mode: "5-part" });

/**
 * The next time after another one, both in epoch seconds; undefined if there is none, such as of the 30th of February. A time of day
 * that the clock skips in spring comes at the first moment after the gap, and one that it repeats in autumn comes once.
 */
export const timeAfter = (times: Times, after: number): number | undefined => {
  const next = cronOf(times).nextRun(new Date(after * 1000));
  return next === null ? undefined : Math.floor(next.getTime() / 1000);
};

/** The zone of this machine, which the variable `TZ` sets. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const invalid = (when: string, reason: string) => new HitagiError("SCHEDULE_TIME_INVALID", { when, reason });

const checkedZone = (when: string, zone: string): string => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    throw invalid(when, `there is no time zone ${zone}, one is named like Europe/Berlin`);
  }
};

const FIVE_FIELDS = /^\s*(@\w+|\S+(\s+\S+){4})\s*$/;
const NEITHER = "it is neither in known words nor five cron fields";
const IN_WORDS = /^\s*every\s/i;
const NUMBERED = /^\s*every\s+\d+\s+(\w+)/i;

/** Why a text is no time of a schedule, where its form alone tells it. */
const formFault = (when: string): string | undefined => {
  const isCron = FIVE_FIELDS.test(when) && !IN_WORDS.test(when);
  if (isCron) return undefined;
  const word = unknownWord(when);
  if (word !== undefined && /^[a-z]/.test(word)) return `${NEITHER}; the word ${word} is not known`;
  const [, unit] = NUMBERED.exec(when) ?? [];
  if (unit !== undefined)
    return /^(?:minute|hour)s?$/i.test(unit)
      ? "the number of minutes must divide 60, and the number of hours 24"
      : "only minutes and hours have a number";
  return NEITHER;
};

/**
 * Reads English words, five cron fields, or a nickname such as `@daily`.
 * @param zone an IANA name
 * @throws HitagiError SCHEDULE_TIME_INVALID
 */
export const readTimes = (when: string, zone: string): Times => {
  const words = englishPattern(when);
  const fault = words === undefined ? formFault(when) : undefined;
  if (fault !== undefined) throw invalid(when, fault);
  const times = { cron: words ?? when.trim(), zone: checkedZone(when, zone) };
  const { reason, next } = ((): { reason?: string; next?: number | undefined } => {
    try {
      return { next: timeAfter(times, Date.now() / 1000) };
    } catch (error) {
      return { reason: (error as Error).message.replace(/^CronPattern: /, "").replace(/\.$/, "") };
    }
  })();
  if (reason !== undefined) throw invalid(when, reason);
  if (next === undefined) throw invalid(when, "it never comes");
  return times;
};
