import { describe, expect, test } from "vitest";
import { readIndexOffsets } from "../../src/catalog/index-text.ts";

const read = async (text: string) => readIndexOffsets(text);

/** The offsets with the text of each entry in place of its position. */
const partsOf = async (text: string) => {
  const { skeleton, entries, colons } = await read(text);
  return {
    skeleton,
    colons,
    entries: entries.map((entry) => [text.slice(entry.start, entry.end), entry.colons]),
  };
};

const tooDeep = { code: "INDEX_INVALID", params: { path: "/", reason: "is nested too deeply" } };
const tooManyMarks = {
  code: "INDEX_INVALID",
  params: { path: "/", reason: "has far more structure than content" },
};

describe("the entries of an index", () => {
  test("are the objects and arrays of the third level, each with its number of keys", async () => {
    const text =
      '{"version":1,"plugins":{"a":{"x":{"y":1},"z":2},"b":[1,{"c":[]}],"d":4,"e":{}},"last":[[5],6]}';
    expect(await partsOf(text)).toEqual({
      skeleton: '{"version":1,"plugins":{"a":[0],"b":[1],"d":4,"e":[2]},"last":[[3],6]}',
      colons: 7,
      entries: [
        ['{"x":{"y":1},"z":2}', 3],
        ['[1,{"c":[]}]', 1],
        ["{}", 0],
        ["[5]", 0],
      ],
    });
  });

  test.each([
    ["brackets and colons", '"{}[]:,"'],
    ["an escaped quote", '"\\":{"'],
    ["an escaped backslash at its end", '":{\\\\"'],
    ["an escaped backslash before an escaped quote", '"\\\\\\":{"'],
    ["no characters", '""'],
  ])("are found beside a text with %s", async (_, json) => {
    const entry = `{"k":${json}}`;
    expect(await partsOf(`{"p":{${json}:${entry},"b":[]}}`)).toEqual({
      skeleton: `{"p":{${json}:[0],"b":[1]}}`,
      colons: 3,
      entries: [
        [entry, 1],
        ["[]", 0],
      ],
    });
  });

  test("do not include what follows an open quote", async () => {
    expect(await partsOf('{"p":{"a":{},"b":"{},{}}}')).toEqual({
      skeleton: '{"p":{"a":[0],"b":"{},{}}}',
      colons: 3,
      entries: [["{}", 0]],
    });
  });

  test("are not looked for in a text without any", async () => {
    expect(await read("7")).toEqual({ skeleton: "7", entries: [], colons: 0 });
    expect(await read("")).toEqual({ skeleton: "", entries: [], colons: 0 });
  });
});

describe("the search for entries", () => {
  test.each([
    ["[", "]"],
    ['{"":', "}"],
  ])("accepts 16 levels of %s and refuses 17", async (open, close) => {
    const nested = (levels: number) => read(open.repeat(levels) + close.repeat(levels));
    await expect(nested(16)).resolves.toMatchObject({ colons: open === "[" ? 0 : 2 });
    await expect(nested(17)).rejects.toMatchObject(tooDeep);
  });

  // 1,000 marks are free, and one more for each 6 characters.
  test.each([
    [",", 1200],
    [":", 1200],
    ["[]", 1500],
    ["{}", 1500],
  ])("accepts as many %s as an index may have, and not one more", async (mark, most) => {
    await expect(read(mark.repeat(most))).resolves.toMatchObject({ entries: [] });
    await expect(read(mark.repeat(most + 1))).rejects.toMatchObject(tooManyMarks);
    await expect(read(mark.repeat(most + 1) + " ".repeat(6))).resolves.toMatchObject({
      entries: [],
    });
  });
});
