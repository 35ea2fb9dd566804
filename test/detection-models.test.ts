import path from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { chardet } from "jschardet";
import { expect, test } from "vitest";
import candidates from "../packages/server/src/library/candidate-encodings.json" with { type: "json" };
import { encode } from "../packages/server/test/library/encode.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { forNode } from "../scripts/build-parts.mjs";

const { eastAsian, ofText, ofNames } = candidates;

/** Texts of each kind that is looked for, and bytes of none. */
const samples = [
  encode("表紙 第1話 進撃の巨人", "shift_jis"),
  encode("封面 汉化组 名侦探柯南", "gb18030"),
  encode("灌籃高手 三國演義", "big5"),
  encode("진격의 거인 명탐정 코난", "euc-kr"),
  encode("Стальной алхимик", "windows-1251"),
  encode("Клинок, рассекающий демонов", "ibm866"),
  encode("L'étoile mystérieuse à la plage", "windows-1252"),
  encode("Mädchen größe façade", "cp437"),
  Buffer.from("plain"),
  Buffer.from(Array.from({ length: 64 }, (_, n) => 255 - n * 3)),
];

test("a build keeps the models of the encodings that are looked for, and detects the same with them", async () => {
  const outfile = path.join(await tempFolder(), "detection.mjs");
  const stdin = { contents: 'export { chardet } from "jschardet"', resolveDir: import.meta.dirname };
  const { metafile } = await build({ ...forNode, stdin, outfile, metafile: true });
  const built = (await import(pathToFileURL(outfile).href)) as { chardet: typeof chardet };

  for (const some of [
    { ...eastAsian, ...ofText },
    { ...eastAsian, ...ofNames },
  ])
    for (const bytes of samples) {
      const options = { includeEncodings: Object.keys(some), compatNames: false };
      const { encoding, confidence } = chardet.detect(bytes, options);
      expect(built.chardet.detect(bytes, options)).toMatchObject({ encoding, confidence });
    }
  // All models are 1.2 MB.
  expect(Object.values(metafile.outputs)[0]?.bytes).toBeLessThan(450_000);
});
