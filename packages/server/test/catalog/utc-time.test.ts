import fc from "fast-check";
import { expect, test } from "vitest";
import { isUtcTime } from "../../src/catalog/index-rules.ts";

const two = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, "0"));
const near = fc
  .tuple(fc.nat(9999), two(14), two(33), two(26), two(62), two(62))
  .map(([y, mo, d, h, mi, s]) => `${String(y).padStart(4, "0")}-${mo}-${d}T${h}:${mi}:${s}Z`);

test("a UTC time is valid if the calendar has it", () => {
  fc.assert(
    fc.property(near, (text) => {
      const date = new Date(text);
      const exists = !Number.isNaN(date.getTime()) && date.toISOString() === text.replace("Z", ".000Z");
      expect(isUtcTime(text)).toBe(exists);
    }),
    { numRuns: 5000 },
  );
});

test.each(["2024-02-29T00:00:00Z", "2000-02-29T23:59:59Z", "0000-02-29T00:00:00Z", "9999-12-31T23:59:59Z"])(
  "%s exists",
  (text) => expect(isUtcTime(text)).toBe(true),
);

test.each([
  "2023-02-29T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "2024-02-30T00:00:00Z",
  "2024-04-31T00:00:00Z",
  "2024-13-01T00:00:00Z",
  "2024-00-01T00:00:00Z",
  "2024-01-00T00:00:00Z",
  "2024-01-01T24:00:00Z",
  "2024-01-01T00:60:00Z",
  "2016-12-31T23:59:60Z",
  "2024-01-01T00:00:00.000Z",
  "2024-01-01T00:00:00+00:00",
  "2024-01-01T00:00:00z",
  "2024-01-01t00:00:00Z",
  "2024-01-01 00:00:00Z",
  "2024-01-01T00:00:00Z\n",
  " 2024-01-01T00:00:00Z",
  "2024-1-1T00:00:00Z",
  "+002024-01-01T00:00:00Z",
  "２024-01-01T00:00:00Z",
  "2024-01-01",
  "",
])("%j does not", (text) => expect(isUtcTime(text)).toBe(false));
