import { useEffect, useState } from "react";
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

/** A time as people say it: "3 minutes ago", and beyond a week the date. */
export const sayTime = (seconds: number, now: number, locale: string): string => {
  const ago = seconds - now;
  const [unit] = STEPS.find(([, limit]) => Math.abs(ago) < limit) ?? [];
  if (unit) {
    const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    return format.format(Math.round(ago / (SECONDS[unit] ?? 1)), unit);
  }
  const sameYear = new Date(seconds * 1000).getFullYear() === new Date(now * 1000).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(!sameYear && { year: "numeric" }),
  }).format(seconds * 1000);
};

/** The exact time, in the zone of the browser. */
export const exactTime = (seconds: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(seconds * 1000);

const EVERY_MS = 20_000;

/** A time in epoch seconds, as people say it, with the exact one on hover. */
export const When = ({ at }: { at: number }) => {
  const { locale } = useTexts();
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time className={classes.when} dateTime={new Date(at * 1000).toISOString()} title={exactTime(at, locale)}>
      {sayTime(at, Math.max(now, Date.now() / 1000 - 1), locale)}
    </time>
  );
};
