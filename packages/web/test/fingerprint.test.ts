import { expect, test } from "vitest";
import { verdictOn } from "../src/registries/fingerprint.ts";

const fingerprint = "0f4f5d4f".repeat(8);
const words = "abandon ability able about above absent absorb abstract absurd abuse access accident";
const shown = { fingerprint, words };

test.each([
  ["", "none"],
  ["  ", "none"],
  ["0f4f", "incomplete"],
  [fingerprint, "same"],
  [fingerprint.toUpperCase().replace(/(.{4})/g, "$1:"), "same"],
  [fingerprint.replace("f", "e"), "other"],
  [words, "same"],
  [`1. ${words.split(" ").join("\n2. ")}`, "same"],
  [words.toUpperCase(), "same"],
  [words.replace("about", "zoo"), "other"],
  [words.split(" ").slice(1).join(" "), "incomplete"],
])("what a keeper published, %j, is compared as %s", (typed, verdict) => {
  expect(verdictOn(typed, shown)).toBe(verdict);
});
