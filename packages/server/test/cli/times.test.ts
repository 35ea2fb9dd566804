import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tookText, zonedText } from "../../src/cli/format.ts";
import { parseMoment } from "../../src/cli/option-values.ts";
import { minuteText, timeText } from "../../src/clock.ts";

const { TZ } = process.env;

/** Sets the clock and the time zone of this machine. */
const at = (zone: string, now: string): void => {
  process.env.TZ = zone;
  vi.setSystemTime(new Date(now));
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

const since = parseMoment(-1);
const utc = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

describe("--since", () => {
  test.each([
    // West and east of UTC, where the day is another one than in UTC.
    ["UTC", "2027-01-31T12:00:00Z", "2027-01-30T00:00:00Z"],
    ["America/New_York", "2027-01-31T03:00:00Z", "2027-01-29T05:00:00Z"],
    ["Asia/Tokyo", "2027-01-31T20:00:00Z", "2027-01-30T15:00:00Z"],
    ["Asia/Kathmandu", "2027-01-31T12:00:00Z", "2027-01-29T18:15:00Z"],
    ["Pacific/Kiritimati", "2027-01-31T12:00:00Z", "2027-01-30T10:00:00Z"],
    // The day before the clock goes forward and back has 23 and 25 hours.
    ["Europe/Berlin", "2027-03-29T10:00:00Z", "2027-03-27T23:00:00Z"],
    ["Europe/Berlin", "2027-11-01T10:00:00Z", "2027-10-30T22:00:00Z"],
    // The first of a month and of a year, and a leap day.
    ["UTC", "2027-03-01T00:30:00Z", "2027-02-28T00:00:00Z"],
    ["UTC", "2028-03-01T00:30:00Z", "2028-02-29T00:00:00Z"],
    ["Europe/Berlin", "2027-12-31T23:30:00Z", "2027-12-30T23:00:00Z"],
  ])("yesterday in %s at %s begins at %s", (zone, now, begins) => {
    at(zone, now);
    expect(utc(since("yesterday"))).toBe(begins);
  });

  test.each([
    ["America/New_York", "today", "2027-01-30T05:00:00Z"],
    ["Asia/Tokyo", "2027-01-31", "2027-01-30T15:00:00Z"],
    ["Asia/Tokyo", "2027-01-31T12:00", "2027-01-31T03:00:00Z"],
    ["Asia/Tokyo", "2027-01-31 12:00:09", "2027-01-31T03:00:09Z"],
    ["Asia/Tokyo", "2027-01-31T12:00Z", "2027-01-31T12:00:00Z"],
    ["Asia/Tokyo", "2027-01-31T12:00-03:30", "2027-01-31T15:30:00Z"],
    ["Europe/Berlin", "2027-07-01", "2027-06-30T22:00:00Z"],
    ["UTC", "90m", "2027-01-31T01:30:00Z"],
    ["Asia/Tokyo", "2w", "2027-01-17T03:00:00Z"],
  ])("in %s, %s is %s", (zone, text, moment) => {
    at(zone, "2027-01-31T03:00:00Z");
    expect(utc(since(text))).toBe(moment);
  });

  test.each(["2027-02-30x", "tomorrow", "31.01.2027", "2027-13-01", "5", "-1d", ""])(
    "%j is refused",
    (text) => {
      expect(() => since(text)).toThrow(/Use a form like 30m.*yesterday.*2027-01-31/);
    },
  );

  test("yesterday is no time ahead", () => {
    expect(() => parseMoment(1)("yesterday")).toThrow(/Use a form like/);
    at("UTC", "2027-01-31T03:00:00Z");
    expect(utc(parseMoment(1)("12h"))).toBe("2027-01-31T15:00:00Z");
  });
});

test.each([
  ["UTC", "2027-01-31 03:04:05 +00"],
  ["America/New_York", "2027-01-30 22:04:05 -05"],
  ["Asia/Kathmandu", "2027-01-31 08:49:05 +05:45"],
  ["America/St_Johns", "2027-01-30 23:34:05 -03:30"],
  ["Europe/Berlin", "2027-01-31 04:04:05 +01"],
])("a time is shown in the zone of this machine, %s, with its distance from UTC", (zone, text) => {
  at(zone, "2027-01-31T12:00:00Z");
  const epoch = Date.parse("2027-01-31T03:04:05Z") / 1000;
  expect(timeText(epoch)).toBe(text);
  expect(minuteText(epoch)).toBe(text.replace(/:05 /, " "));
});

test("the time of a schedule is shown in its own zone, in winter and in summer", () => {
  at("Asia/Tokyo", "2027-01-31T12:00:00Z");
  const shown = (text: string) => zonedText(Date.parse(text) / 1000, "Europe/Berlin");
  expect(shown("2027-01-31T02:00:00Z")).toBe("2027-01-31 03:00 +01");
  expect(shown("2027-07-31T02:00:00Z")).toBe("2027-07-31 04:00 +02");
  const noon = Date.parse("2027-01-31T12:00:00Z") / 1000;
  expect(["UTC", "Asia/Kolkata", "America/St_Johns"].map((zone) => zonedText(noon, zone))).toEqual([
    "2027-01-31 12:00 +00",
    "2027-01-31 17:30 +05:30",
    "2027-01-31 08:30 -03:30",
  ]);
});

test.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [12_400, "12 seconds"],
  [633_737, "10 minutes"],
  [7_300_000, "2 hours"],
])("%d ms took %s", (ms, text) => {
  expect(tookText(ms)).toBe(text);
});
