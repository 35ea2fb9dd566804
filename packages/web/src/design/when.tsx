import { useSyncExternalStore } from "react";
import { formatOf } from "../texts/format-of.ts";
import { useTexts } from "../texts/texts.ts";
import classes from "./when.module.css";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 3600],
  ["hour", 86_400],
  ["day", 7 * 86_400],
];
const SECONDS: Partial<Record<Intl.RelativeTimeFormatUnit, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
};

const relative = formatOf((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const dayOfYear = formatOf((locale) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }));
const day = formatOf(
  (locale) => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
);
const exact = formatOf((locale) => new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }));

/** A time as people say it: "3 minutes ago", and beyond a week the date. */
export const sayTime = (seconds: number, now: number, locale: string): string => {
  const ago = seconds - now;
  const [unit] = STEPS.find(([, limit]) => Math.abs(ago) < limit) ?? [];
  if (unit) {
    return relative(locale).format(Math.round(ago / (SECONDS[unit] ?? 1)), unit);
  }
  const sameYear = new Date(seconds * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  return (sameYear ? dayOfYear : day)(locale).format(seconds * 1000);
};

/** The exact time, in the zone of the browser. */
export const exactTime = (seconds: number, locale: string): string => exact(locale).format(seconds * 1000);

const EVERY_MS = 20_000;

/** The time that all of the page's times are said at. */
let clock = Date.now() / 1000;
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

const tick = (): void => {
  clock = Date.now() / 1000;
  for (const watcher of watchers) watcher();
};

/** One timer for all times that are shown. */
const watch = (watcher: () => void) => {
  watchers.add(watcher);
  ticking ??= setInterval(tick, EVERY_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
};

/** A time in epoch seconds, as people say it, with the exact one on hover. */
export const When = ({ at }: { at: number }) => {
  const { locale } = useTexts();
  const now = useSyncExternalStore(watch, () => clock);
  return (
    <time className={classes.when} dateTime={new Date(at * 1000).toISOString()} title={exactTime(at, locale)}>
      {sayTime(at, Math.max(now, Date.now() / 1000 - 1), locale)}
    </time>
  );
};
