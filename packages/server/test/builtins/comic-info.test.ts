import { toNamespace } from "@hitagi/contract";
import type { TestArchive } from "@hitagi/sdk/testing";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { findingsOf } from "../../src/plugins/use/results.ts";
import { rar5 } from "../library/containers/rar.ts";
import { denoForTests, realBroker, runPlugin, testKit } from "./fixture.ts";

const deno = denoForTests();
const run = testKit();
const builtin = "plugins/comic-info.ts";

const full = `<?xml version="1.0" encoding="utf-8"?>
<ComicInfo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Title>The First &amp; Last</Title>
  <Series>Save me, Lollipop</Series>
  <Number>3</Number>
  <Summary>Two lines
of text.</Summary>
  <Year>2021</Year><Month>3</Month>
  <Writer>A. Writer, B. Writer</Writer>
  <Penciller>C. Artist</Penciller>
  <Translator></Translator>
  <Publisher>House, Ltd</Publisher>
  <Genre>Drama, Slice of Life</Genre>
  <Tags>school</Tags>
  <Web>https://www.example.org/g/1,2/ https://example.com/x</Web>
  <PageCount>24</PageCount>
  <LanguageISO>ja</LanguageISO>
  <Characters>Alice, Bob</Characters>
  <Teams>Team A</Teams>
  <StoryArc>Beginnings</StoryArc>
  <AgeRating>Teen</AgeRating>
  <Pages><Page Image="0" Type="FrontCover"><Title>not this</Title></Page></Pages>
</ComicInfo>`;

const archiveWith = (files: Record<string, string | Uint8Array>): TestArchive => ({ pages: 0, files });
const archiveOf = (xml: string | Uint8Array) => archiveWith({ "ComicInfo.xml": xml });

const tagsOf = [
  "series:Save me Lollipop",
  "writer:A. Writer",
  "writer:B. Writer",
  "artist:C. Artist",
  "publisher:House Ltd",
  "Drama",
  "Slice of Life",
  "school",
  "language:japanese",
  "source:example.org/g/1%2C2",
  "source:example.com/x",
];

describe("comic-info", () => {
  test("maps the fields of ComicInfo.xml to tags, title and summary", async () => {
    const archive = archiveOf(full);
    expect(await run(builtin, { archive })).toEqual({
      tags: tagsOf,
      title: "The First & Last",
      summary: "Two lines\nof text.",
    });
  });

  test("omits fields that the file does not have", async () => {
    const archive = archiveOf("<ComicInfo><LanguageISO>??</LanguageISO></ComicInfo>");
    expect(await run(builtin, { archive })).toEqual({ tags: [] });
  });

  test("reads UTF-16 and a byte-order mark", async () => {
    const text = "<ComicInfo><Title>漫画</Title></ComicInfo>";
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le"));
    for (const bytes of [utf16, strToU8(`\ufeff${text}`)]) {
      const archive = archiveOf(bytes);
      expect(await run(builtin, { archive })).toMatchObject({ title: "漫画" });
    }
  });

  test("finds the file in a folder, and prefers one at the root", async () => {
    const nested = { "vol 1/comicinfo.xml": "<ComicInfo><Title>Inner</Title></ComicInfo>" };
    const both = { ...nested, "ComicInfo.xml": "<ComicInfo><Title>Outer</Title></ComicInfo>" };
    for (const [files, title] of [
      [nested, "Inner"],
      [both, "Outer"],
    ] as const) {
      const archive = archiveWith(files);
      expect(await run(builtin, { archive })).toMatchObject({ title });
    }
  });

  test("reads the file in a rar", async () => {
    const made = await realBroker();
    const bytes = rar5({ "comic/ComicInfo.xml": Buffer.from(full), "comic/1.jpg": Buffer.from("page") });
    const archive = await made.add("x.cbz", "", bytes);
    expect(archive.pages).toBe(1);
    expect(await runPlugin(deno(), made.broker, builtin, { archive })).toMatchObject({ tags: tagsOf });
    await made.library.close();
  });

  test("reads the encoding that the declaration names", async () => {
    const latin1 = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><ComicInfo><Title>Caf\xe9</Title></ComicInfo>',
      "latin1",
    );
    const archive = archiveOf(latin1);
    expect(await run(builtin, { archive })).toMatchObject({ title: "Café" });
  });

  test("fails on bytes in no known encoding instead of returning replacement characters", async () => {
    const archive = archiveOf(new Uint8Array([0xff, 0xfe, 0x3c, 0x00, 0x00, 0xd8]));
    const running = run(builtin, { archive });
    await expect(running).rejects.toMatchObject({ code: "ENTRY_NOT_TEXT" });
  });

  test("fails on malformed XML with line and reason", async () => {
    const archive = archiveOf("<ComicInfo>\n<Title>A</Titel>\n</ComicInfo>");
    const running = run(builtin, { archive });
    const message = "The XML is malformed in line 2: unexpected close tag.";
    await expect(running).rejects.toMatchObject({ code: "PLUGIN_FAILED", message });
  });

  test.each([
    ["ja", ["language:japanese"]],
    ["JPN", ["language:japanese"]],
    ["en_US", ["language:english"]],
    ["en-GB", ["language:english"]],
    ["zh_Hans", ["language:chinese"]],
    ["zh-Hant-TW", ["language:chinese"]],
    ["fra", ["language:french"]],
    ["fre", ["language:french"]],
    ["und", []],
    ["zxx", []],
    ["xq", ["language:xq"]],
  ])("tags the language %s as %j", async (code, tags) => {
    const archive = archiveOf(`<ComicInfo><LanguageISO> ${code} </LanguageISO></ComicInfo>`);
    expect(await run(builtin, { archive })).toEqual({ tags });
  });

  test.each([
    "https://a.org/1, https://b.org/2",
    "https://a.org/1;https://b.org/2",
    "https://a.org/1\nhttps://b.org/2",
    "www.a.org/1, b.org/2",
    "a.org/1; HTTP://www.b.org/2/",
    "www.a.org/1,www.b.org/2",
    "see a.org/1 or b.org/2 vol.2",
  ])("tags each address of %j", async (web) => {
    const archive = archiveOf(`<ComicInfo><Web>${web}</Web></ComicInfo>`);
    expect(await run(builtin, { archive })).toEqual({
      tags: ["source:a.org/1", "source:b.org/2"],
    });
  });

  test("leaves out the marks of lost characters, and says so", async () => {
    const made = await realBroker();
    const info = "<ComicInfo><Title>Caf\ufffd</Title><Genre>Com\ufffddie</Genre></ComicInfo>";
    const archive = await made.add("x.cbz", "", Buffer.from(zipSync({ "ComicInfo.xml": strToU8(info) })));
    const found = findingsOf(
      { namespace: toNamespace("comic-info") },
      await runPlugin(deno(), made.broker, builtin, { archive }),
    );
    expect(found).toEqual({ title: "Caf", tags: ["Comdie"] });
    expect(JSON.stringify(made.logged)).toContain("lost characters");
  });

  test("reads repeated elements", async () => {
    const archive = archiveOf(
      "<ComicInfo><Title></Title><Title>T</Title><Genre>Drama</Genre><Genre>Crime, Noir</Genre><Writer>A</Writer><Writer>B</Writer></ComicInfo>",
    );
    expect(await run(builtin, { archive })).toEqual({
      title: "T",
      tags: ["writer:A", "writer:B", "Drama", "Crime", "Noir"],
    });
  });

  test("reads elements with a namespace prefix", async () => {
    const archive = archiveOf(
      '<ci:ComicInfo xmlns:ci="urn:x"><ci:Title>T</ci:Title><ci:Genre>Drama</ci:Genre></ci:ComicInfo>',
    );
    expect(await run(builtin, { archive })).toEqual({ title: "T", tags: ["Drama"] });
  });

  test("prefers the shallowest of several files", async () => {
    const info = (title: string) => `<ComicInfo><Title>${title}</Title></ComicInfo>`;
    const archive = archiveWith({
      "a/b/ComicInfo.xml": info("deep"),
      "z/ComicInfo.xml": info("shallow"),
    });
    expect(await run(builtin, { archive })).toMatchObject({ title: "shallow" });
  });

  test("finds nothing where there is no ComicInfo.xml, which is no failure", async () => {
    const archive = archiveWith({ "page.jpg": "x" });
    expect(await run(builtin, { archive })).toEqual({ tags: [] });
  });

  test("fails where ComicInfo.xml is something else", async () => {
    const archive = archiveWith({ "ComicInfo.xml": "<html>no</html>" });
    const message = "ComicInfo.xml is no ComicInfo file.";
    const running = run(builtin, { archive });
    await expect(running).rejects.toMatchObject({ code: "PLUGIN_FAILED", message });
  });
});
