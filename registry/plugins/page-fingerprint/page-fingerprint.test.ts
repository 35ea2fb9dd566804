import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("page-fingerprint");
const [one, two] = [new Uint8Array([1, 2, 3]), new Uint8Array([4, 5])];

const fingerprint = async (files: Record<string, Uint8Array | string>): Promise<string[]> =>
  (await run({ archive: { pages: 0, files } })).tags;

test("the same pages have the same fingerprint, also with other names and with other files beside them", async () => {
  const found = await fingerprint({ "1.png": one, "2.png": two });
  expect(found).toEqual([expect.stringMatching(/^pages_hash:[\da-f]{16}$/)]);
  expect(
    await fingerprint({ "ch 1/a.jpg": two, "ch 1/b.jpg": one, "ComicInfo.xml": "<ComicInfo/>" }),
  ).toEqual(found);
});

test("another page, and a page more or less, have another one", async () => {
  const all = [
    await fingerprint({ "1.png": one, "2.png": two }),
    await fingerprint({ "1.png": one }),
    await fingerprint({ "1.png": new Uint8Array([1, 2, 4]), "2.png": two }),
  ];
  expect(new Set(all.flat()).size).toBe(3);
});

test("an archive without pages gets none", async () => {
  expect(await fingerprint({ "a.txt": "text" })).toEqual([]);
});
