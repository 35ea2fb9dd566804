import { deflateSync } from "node:zlib";
import { assertTags } from "@hitagi/sdk/testing";
import { expect, test } from "vitest";
import { testPlugin } from "../../test/plugin.ts";

const run = testPlugin("pdf-info");

const bytesOf = (...parts: (string | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));

const archiveOf = (...parts: (string | Uint8Array)[]) => ({
  name: "comic.pdf",
  bytes: bytesOf("%PDF-1.7\n", ...parts),
});

const utf16 = (text: string): string =>
  `<FEFF${Buffer.from(text, "utf16le").swap16().toString("hex").toUpperCase()}>`;

test("the dictionary: literal and hexadecimal strings, escapes and UTF-16", async () => {
  const dictionary = String.raw`3 0 obj
<< /Title ${utf16("月へ")} /Author (A. Author; P. Encil) /Subject (A \(slow\) snail\041 \
goes) /Keywords (night, garden) /CreationDate (D:20210309123000Z) >>
endobj
`;
  const result = await run({
    archive: archiveOf(dictionary, "trailer << /Root 1 0 R /Info 3 0 R >>\n%%EOF"),
  });
  assertTags(result, ["writer:A. Author", "writer:P. Encil", "night", "garden", "created:2021-03-09"]);
  expect(result).toMatchObject({ title: "月へ", summary: "A (slow) snail! goes" });
});

test("a dictionary in a compressed object stream", async () => {
  const objects = "7 0 3 5 << >> << /Title (Moonward) /Author (A. Author) >>";
  const first = objects.indexOf("<<");
  const data = deflateSync(Buffer.from(objects.replace("7 0 3 5", `7 0 3 6`), "latin1"));
  const header = `9 0 obj\n<< /Type /ObjStm /N 2 /First ${first} /Filter /FlateDecode /Length ${data.length} >>\nstream\n`;
  const result = await run({
    archive: archiveOf(
      header,
      data,
      "\nendstream\nendobj\n10 0 obj\n<< /Type /XRef /Info 3 0 R >>\nendobj\n%%EOF",
    ),
  });
  assertTags(result, ["writer:A. Author"]);
  expect(result.title).toBe("Moonward");
});

test("an XMP packet says more, and its title comes first", async () => {
  const packet = `<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Moonward — 月へ</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>A. Author</rdf:li><rdf:li>P. Encil</rdf:li></rdf:Seq></dc:creator>
<dc:subject><rdf:Bag><rdf:li>night</rdf:li></rdf:Bag></dc:subject>
<dc:language><rdf:Bag><rdf:li>en</rdf:li></rdf:Bag></dc:language>
<dc:publisher><rdf:Bag><rdf:li>Slow Books</rdf:li></rdf:Bag></dc:publisher>
<dc:date><rdf:Seq><rdf:li>2021-03-09</rdf:li></rdf:Seq></dc:date>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">A snail sets out.</rdf:li></rdf:Alt></dc:description>
<prism:isbn>9780000000002</prism:isbn>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;
  const info = "3 0 obj << /Title (old) /Author (A. Author) >> endobj trailer << /Info 3 0 R >>";
  const result = await run({ archive: archiveOf(Buffer.from(packet), info) });
  assertTags(result, [
    ...["writer:A. Author", "writer:P. Encil", "night", "language:english", "publisher:Slow Books"],
    ...["date:2021-03-09", "isbn:9780000000002"],
  ]);
  expect(result).toMatchObject({ title: "Moonward — 月へ", summary: "A snail sets out." });
});

test("an encrypted file, a file without information and another archive give nothing", async () => {
  const info = "3 0 obj << /Title (x) >> endobj trailer << /Info 3 0 R /Encrypt 4 0 R >>";
  for (const archive of [archiveOf(info), archiveOf("%%EOF"), { name: "comic.cbz" }])
    expect((await run({ archive })).value).toEqual({ tags: [] });
});
