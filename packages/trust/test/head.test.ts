import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { headText, isHeadFile, verifyHead } from "../src/index.ts";
import { cases } from "./cases.ts";
import { fileOf } from "./fixture.ts";

const outcomeOf = (bytes: Uint8Array): unknown => {
  try {
    verifyHead(bytes);
    return "ok";
  } catch (e) {
    return (e as { code?: string }).code ?? e;
  }
};

test.each(cases)("$name: $outcome", ({ file, outcome }) => {
  expect(outcomeOf(file)).toBe(outcome);
});

test.each(cases.filter(({ outcome }) => outcome === "ok"))("$name writes the same text again", ({ file }) => {
  const head = verifyHead(file);
  expect(file.toString().startsWith(`${headText(head)}\n`)).toBe(true);
  expect(head.sha256).toBe(createHash("sha256").update(headText(head)).digest("hex"));
});

test("any change of a byte is refused", () => {
  const file = fileOf({ sequence: 3, previous: [{ sequence: 2, sha256: "ab".repeat(32) }] });
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const bytes = Buffer.from(file);
      bytes[at] = (bytes[at] ?? 0) ^ by;
      expect(outcomeOf(bytes)).toMatch(/^(?:HEAD_INVALID|SIGNATURE_UNKNOWN|KEYS_NOT_CERTIFIED)$/);
    }),
    { numRuns: 400 },
  );
});

test("the reason of a refusal shows no word of a head that is not verified", () => {
  for (const { file, outcome } of cases.filter((one) => one.outcome !== "ok")) {
    expect(() => verifyHead(file), outcome).toThrow(/^(?!.*(?:example|thief|Later|t\u00e9st))/);
  }
});

test.each([
  ["a head", fileOf(), true],
  ["a head of a later version", Buffer.from("hitagi-head/v9\n"), true],
  ["a head after a byte-order mark", Buffer.from("\ufeffhitagi-head/v1\n"), true],
  ["a web page", Buffer.from("<!doctype html>"), false],
  ["an empty file", Buffer.from(""), false],
])("whether a file is meant as a head: %s", (_, bytes, isHead) => {
  expect(isHeadFile(bytes)).toBe(isHead);
});
