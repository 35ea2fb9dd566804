import fc from "fast-check";
import { expect, test } from "vitest";
import { joinTags, missingTags, splitTags, tidyChange, titleOr } from "../../src/library/tags.ts";

test("tags are trimmed, empty ones are dropped, and of those that differ only in case the first is kept", () => {
  expect(splitTags(" artist:A ,, source:b,Artist:a,\n language:english  (us) ")).toEqual([
    "artist:A",
    "source:b",
    "language:english (us)",
  ]);
  expect(splitTags("")).toEqual([]);
});

test("only tags that the archive does not have are missing", () => {
  expect(missingTags(["artist:A", "x"], ["ARTIST:a", "y", "x", "y", " "])).toEqual(["y"]);
});

test("tags that differ only in how their characters are composed are one, stored composed", () => {
  const [composed, decomposed] = ["artist:caf\u00e9", "artist:cafe\u0301"];
  expect(splitTags(`${decomposed}, ${composed}, ${composed.toUpperCase()}`)).toEqual([composed]);
  expect(missingTags([composed], [decomposed, decomposed.toUpperCase()])).toEqual([]);
});

test("no text is stored with U+FFFD, or with halves of characters", () => {
  expect(splitTags("artist:caf\ufffd, \ufffd\ufffd, \ud83cb")).toEqual(["artist:caf", "b"]);
  expect(tidyChange({ title: "\ufffd Un caf\ufffd", summary: "a\ufffdb\n\udc00" })).toEqual({
    title: "Un caf",
    summary: "ab\n",
  });
  expect(tidyChange({ title: "\ufffd" })).toEqual({});
  expect(titleOr("\ufffd", "name\ufffd of its file")).toBe("name of its file");
});

test("joined tags split into the same tags", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (tags) => {
      const once = splitTags(joinTags(tags));
      expect(splitTags(joinTags(once))).toEqual(once);
    }),
  );
});
