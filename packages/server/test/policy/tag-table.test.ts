import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createTagTables } from "../../src/policy/tag-table.ts";
import { createFileAccess } from "../../src/runtimes/granted-files.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** In the shape of EhTagTranslation's database, with texts of its own. */
const database = {
  head: { sha: "0" },
  version: 7,
  data: [
    { namespace: "rows", count: 2, data: { artist: { name: "KUENSTLER", intro: "", links: "" } } },
    { namespace: "artist", count: 1, data: { "some one": { name: "Jemand, selbst", intro: "", links: "" } } },
    {
      namespace: "other",
      count: 2,
      data: { "full color": { name: { raw: "r", text: "Farbe" } }, bare: { name: "" } },
    },
  ],
};

const setUp = async (content: unknown = database) => {
  const folder = await tempFolder();
  const file = path.join(folder, "db.json");
  const write = (text: unknown) => writeFile(file, typeof text === "string" ? text : JSON.stringify(text));
  await write(content);
  const closed = path.join(folder, "closed");
  const tables = createTagTables({ files: createFileAccess({ own: [closed], except: [] }) });
  const translate = async (tag: string, namespaces = false) =>
    (await tables.open({ file, namespaces })).translate(tag);
  return { folder, file, write, tables, translate, closed };
};

describe("a translation table", () => {
  test("in EhTagTranslation's shape translates names, and namespaces where that is asked for", async () => {
    const { translate } = await setUp();
    expect(await translate("artist:Some One")).toBe("artist:Jemand selbst");
    expect(await translate("artist:some one", true)).toBe("KUENSTLER:Jemand selbst");
    expect(await translate("other:full color", true)).toBe("other:Farbe");
    expect(await translate("other:bare")).toBe("other:bare");
    expect(await translate("artist:unknown", true)).toBe("artist:unknown");
    expect(await translate("rows:artist")).toBe("rows:artist");
  });

  test("may be an object of tags with their translations, also with a byte-order mark", async () => {
    const { translate } = await setUp('\ufeff{"artist:a": "by:A", "plain": "schlicht"}');
    expect(await Promise.all(["ARTIST:a", "plain", "x"].map((tag) => translate(tag)))).toEqual([
      "by:A",
      "schlicht",
      "x",
    ]);
  });

  test("is read again when its file has changed", async () => {
    const { write, translate } = await setUp({ a: "one" });
    expect(await translate("a")).toBe("one");
    await write({ a: "another" });
    expect(await translate("a")).toBe("another");
  });

  test.each([
    ["{", "it is no JSON"],
    ["[1]", "it is neither"],
    ['{"a": 1}', "it is neither"],
  ])("of %j is refused with the reason", async (text, reason) => {
    const { tables, file } = await setUp(text);
    await expect(tables.open({ file, namespaces: false })).rejects.toMatchObject({
      code: "TAG_TABLE_UNUSABLE",
      message: expect.stringContaining(reason),
    });
  });

  test("that is gone fails; one of the server's own data is not accepted", async () => {
    const { tables, file, closed } = await setUp();
    await rm(file);
    await expect(tables.open({ file, namespaces: false })).rejects.toMatchObject({
      code: "TAG_TABLE_UNUSABLE",
    });
    await writeFile(closed, "{}");
    for (const one of [file, closed, "relative.json"])
      await expect(tables.check({ file: one, namespaces: false })).rejects.toMatchObject({
        code: "FILE_NOT_GRANTABLE",
      });
  });
});
