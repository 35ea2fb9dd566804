import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanText, cleanTexts, isClean } from "../src/text.ts";

test.each([
  ["a NUL", "a\u0000b", "ab"],
  ["a control character of Latin-1", "a\u0085b", "ab"],
  ["a carriage return", "a\r\nb", "a\nb"],
  ["a tab and a line feed, which stay", "a\t\nb", "a\t\nb"],
  ["half of a surrogate pair", "a\ud83d", "a\ufffd"],
  ["a pair, which stays", "a\ud83d\ude00", "a\ud83d\ude00"],
  ["both", "\u0007\udc00", "\ufffd"],
])("cleans %s", (_, text, cleaned) => {
  expect(cleanText(text)).toBe(cleaned);
  expect(isClean(text)).toBe(text === cleaned);
});

describe("of any JSON value", () => {
  const key = fc.string({ unit: "binary", maxLength: 6 });
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)) }),
      fc.constantFrom("plain", "\u0000", "\ud800", 1, true, null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4 }),
    ),
  })).value;

  test("it is clean exactly if cleaning leaves it as it is, and always after cleaning", () => {
    fc.assert(
      fc.property(values, (value) => {
        const before = JSON.stringify(value);
        const wasClean = isClean(value);
        const cleaned = cleanTexts(structuredClone(value));
        expect(JSON.stringify(cleaned) === before).toBe(wasClean);
        expect(isClean(cleaned)).toBe(true);
      }),
    );
  });
});
