import { expect, test } from "vitest";
import { readTimes, timeAfter } from "../../src/schedules/times.ts";

const epoch = (iso: string): number => Date.parse(iso) / 1000;
const iso = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString();

test.each([
  ["every day 03:00", "0 3 * * *"],
  ["Every  Day at 3:05", "5 3 * * *"],
  ["daily 3 am", "0 3 * * *"],
  ["every day at 12:30 am", "30 0 * * *"],
  ["every day 12 pm", "0 12 * * *"],
  ["every day", "0 0 * * *"],
  ["every day at noon", "0 12 * * *"],
  ["every minute", "* * * * *"],
  ["every 15 minutes", "*/15 * * * *"],
  ["hourly", "0 * * * *"],
  ["every hour", "0 * * * *"],
  ["every 6 hours", "0 */6 * * *"],
  ["every weekday 18:30", "30 18 * * 1-5"],
  ["every weekend at midnight", "0 0 * * 6,0"],
  ["every monday 4:30 pm", "30 16 * * mon"],
  ["every monday, wednesday and friday 07:00", "0 7 * * mon,wed,fri"],
  ["sundays 23:59", "59 23 * * sun"],
  ["every month on the 15th at 04:00", "0 4 15 * *"],
  ["every month on the last day at 22:00", "0 22 L * *"],
  ["monthly", "0 0 1 * *"],
  ["0 3 * * *", "0 3 * * *"],
  [" */5 1-3 * * MON ", "*/5 1-3 * * MON"],
  ["@daily", "@daily"],
])("%s is read as %s", (when, cron) => {
  expect(readTimes(when, "UTC")).toEqual({ cron, zone: "UTC" });
});

test.each([
  ["every 7 minutes", /divide 60/],
  ["every 2 minuts", /the word minuts is not known/],
  ["every mondy at 4 am", /the word mondy is not known/],
  ["fridays at noone", /the word noone is not known/],
  ["every 2 days", /only minutes and hours have a number/],
  ["every 24 hours", /24/],
  ["every day 25:00", /hour/],
  ["every day 13 pm", /neither in known words nor five cron fields/],
  ["every day 3", /neither/],
  ["whenever it rains", /neither/],
  ["0 0 3 * * *", /neither/],
  ["99 3 * * *", /minute/],
  ["0 3 30 2 *", /never comes/],
  ["2027-01-31T03:00:00", /neither/],
])("%s is refused with its reason", (when, reason) => {
  expect(() => readTimes(when, "UTC")).toThrow(reason);
});

test("an unknown time zone is refused, and a known one is stored by its own name", () => {
  expect(() => readTimes("@daily", "Mars/Olympus")).toThrow(/no time zone Mars\/Olympus/);
  expect(readTimes("@daily", "europe/berlin").zone).toBe("Europe/Berlin");
});

test("a time of day is that of its zone, in summer and in winter", () => {
  const times = readTimes("every day 03:00", "Europe/Berlin");
  expect(iso(timeAfter(times, epoch("2027-01-10T12:00:00Z")))).toBe("2027-01-11T02:00:00.000Z");
  expect(iso(timeAfter(times, epoch("2027-07-10T12:00:00Z")))).toBe("2027-07-11T01:00:00.000Z");
});

test("an hour that the clock skips or repeats gives one run", () => {
  const times = readTimes("every day 02:30", "Europe/Berlin");
  expect(iso(timeAfter(times, epoch("2027-03-27T12:00:00Z")))).toBe("2027-03-28T01:00:00.000Z");
  const first = timeAfter(times, epoch("2027-10-30T12:00:00Z"));
  expect(iso(first)).toBe("2027-10-31T00:30:00.000Z");
  expect(iso(timeAfter(times, first ?? 0))).toBe("2027-11-01T01:30:00.000Z");
});
