import type { ChainConditions } from "@hitagi/contract";
import { expect, test } from "vitest";
import { concernsArchive, mismatchOf } from "../../../src/plugins/chain/conditions.ts";

const archive = {
  file: "manga/new/Night Walks 01.CBZ",
  tags: "Artist:A. Author, series:Night Walks, source:https://www.site.example/g/1, source:chaika",
};

test.each<[ChainConditions, string | undefined]>([
  [{}, undefined],
  [{ nothing_found: true }, undefined],
  [{ tagged: ["artist:*"] }, undefined],
  [{ tagged: ["ARTIST:a. author"] }, undefined],
  [{ tagged: ["artist:B", "series:*"] }, undefined],
  [{ tagged: ["artist:A"] }, "not-tagged"],
  [{ tagged: ["parody:*"] }, "not-tagged"],
  [{ untagged: ["parody:*"] }, undefined],
  [{ untagged: ["parody:*", "series:*"] }, "tagged"],
  [{ folders: ["manga"] }, undefined],
  [{ folders: ["/manga/new/"] }, undefined],
  [{ folders: ["./manga"] }, undefined],
  [{ folders: ["."] }, undefined],
  [{ folders: ["man"] }, "other-folder"],
  [{ folders: ["new", "comics"] }, "other-folder"],
  [{ folders: ["Manga/NEW"] }, undefined],
  [{ extensions: ["cbz"] }, undefined],
  [{ extensions: [".CBZ"] }, undefined],
  [{ extensions: ["zip", "bz"] }, "other-extension"],
  [{ without_source: ["other.example"] }, undefined],
  [{ without_source: ["site.example"] }, "has-source"],
  [{ without_source: ["https://site.example/"] }, "has-source"],
  [{ without_source: ["source:www.site.example"] }, "has-source"],
  [{ without_source: ["example"] }, "has-source"],
  [{ without_source: ["chaika"] }, "has-source"],
  [{ without_source: ["*"] }, "has-source"],
  [{ tagged: ["artist:*"], folders: ["comics"] }, "other-folder"],
])("%j fits an archive, or the reason is %s", (when, code) => {
  expect(mismatchOf(when, archive)?.code).toBe(code);
});

test("a folder is compared without case and composition", () => {
  const decomposed = { file: "Se\u0301rie/a.cbz", tags: "" };
  expect(mismatchOf({ folders: ["s\u00e9rie"] }, decomposed)).toBeUndefined();
  expect(mismatchOf({ folders: ["S\u00c9RIE"] }, decomposed)).toBeUndefined();
});

test("the reason names what the archive has, or lacks", () => {
  const reasons = [
    { untagged: ["artist:*"] },
    { tagged: ["a", "b"] },
    { folders: ["comics"] },
    { without_source: ["*"] },
  ].map((when) => mismatchOf(when, archive)?.text);
  expect(reasons).toEqual([
    "it has the tag Artist:A. Author",
    "it has no tag a or b",
    "it is not in the folder comics",
    "it has the source https://www.site.example/g/1",
  ]);
});

test("an archive without tags has none of any kind", () => {
  const bare = { file: "a.cbz", tags: "" };
  expect(mismatchOf({ untagged: ["*"], without_source: ["*"] }, bare)).toBeUndefined();
  expect(mismatchOf({ tagged: ["*"] }, bare)?.code).toBe("not-tagged");
});

test("only conditions about the archive need it", () => {
  expect(concernsArchive({})).toBe(false);
  expect(concernsArchive({ nothing_found: true })).toBe(false);
  expect(concernsArchive({ nothing_found: true, tagged: ["a"] })).toBe(true);
});
