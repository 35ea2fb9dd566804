import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { type Columns, table } from "../../src/cli/table.ts";

const folder = path.resolve(import.meta.dirname, "../../src/cli");

const HEADING = /(?:^|[{,(]\s*|\n\s*)(?:"([A-Z#][A-Z0-9 #-]*)"|([A-Z]{2,}))\s*:/g;

/** The headings of every table in the code of the command line, by the file and the line that begins it. */
const tables = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    const begins = /(?:Columns<[^=;]*> = |table\(io, (?=\{))\{/g;
    return [...text.matchAll(begins)].map((found) => {
      const start = (found.index ?? 0) + found[0].length - 1;
      const end = /\n {0,2}\};|\}, /.exec(text.slice(start));
      const body = text.slice(start, start + (end?.index ?? 0));
      const heads = [...body.matchAll(HEADING)].map(([, quoted, bare]) => quoted ?? bare ?? "");
      const line = text.slice(0, start).split("\n").length;
      return [`${file}:${line}`, heads] as const;
    });
  });

/** Free texts, hashes, and paths beside what names the row, may be cut. */
const mayBeCut = (heading: string, n: number): boolean =>
  ["TITLE", "TAGS", "DESCRIPTION", "WHAT", "SHA-256"].includes(heading) ||
  (n > 0 && ["PATH", "FILE"].includes(heading));

const TIME = "2027-01-31 14:05:09 +03:30";

/** Long values as owners have them. */
const values: Record<string, string> = {
  ...{ ID: "REG_1700000000", "#": "12", BATCH: "100234", JOB: "100234", BYTES: "104857600" },
  PATH: "同人誌/[サークル名 (作者の名前)] とても長い題名の漫画 総集編 第二巻 [DL版].cbz",
  FILE: "Comics/Some Publisher/The Long Running Series/Volume 12/The Long Running Series 012 (2019).cbz",
  TITLE: "とても長い題名の漫画 総集編 第二巻 ".repeat(4).trim(),
  TAGS: "artist:someone with a long name, series:another long name, language:japanese, source:example.org/g/1",
  DESCRIPTION:
    "Reads the titles, artists and tags of works from a site that many people know, with a login. ".repeat(2),
  NAMESPACE: "a-plugin-with-a-rather-long-namespace",
  SUBJECT: "registry 私の登録所 with a long name (REG_1700000000)",
  ADDRESS: "https://registry.example.org/a/folder/of/plugins/that/is/deep/and/long/registry.json?ref=main",
  OUTCOME: "PLUGIN_FAILED: The plugin failed: the site answered 503 and asks to come back later",
  LAST: "2 of 40 failed, 2027-01-31 03:00 GMT+3:30",
  WORK: "batch a-plugin-with-a-rather-long-namespace over all archives",
  WHEN: "every monday and friday 18:30",
};

const TIMES =
  /^(?:TIME|CREATED|ENDED|NEXT|REFRESHED|LOADED|STARTED|INSTALLED|LEFT|EXPIRES|LAST USED|HEARD OF)$/;

const cellOf = (heading: string): string =>
  values[heading] ?? (TIMES.test(heading) ? TIME : `長い値 ${heading} value`);

const shown = (heads: readonly string[], columns: number): string[] => {
  const stdout = { write: () => true, isTTY: true, columns };
  const io = { stdout, stderr: stdout, stdin: new PassThrough(), env: { NO_COLOR: "1" }, cwd: "/" };
  const row = Object.fromEntries(heads.map((heading) => [heading, cellOf(heading)]));
  const fields = Object.fromEntries(heads.map((heading) => [heading, heading])) as Columns<typeof row>;
  return table(io, fields, [row]).map(({ coloured }) => coloured);
};

const solid = (text: string): string => text.replace(/\s/g, "");

test("the tables of the command line are found", () => {
  const names = tables.map(([name]) => name.replace(/:\d+$/, ""));
  for (const group of [
    "search",
    "settings",
    "history",
    "job",
    "batch-report",
    "registry",
    "schedule",
    "list",
  ])
    expect(names).toContain(`commands/${group}.ts`);
  expect(tables.length).toBeGreaterThan(35);
  for (const [name, heads] of tables) expect(heads.length, name).toBeGreaterThan(1);
});

test.each(tables)("%s fits in 80 and 60 columns, and no time, id, state or name is cut", (_, heads) => {
  for (const columns of [80, 60]) {
    const lines = shown(heads, columns);
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns);
    const all = solid(lines.join(""));
    for (const [n, heading] of heads.entries()) {
      expect(all).toContain(solid(heading));
      if (!mayBeCut(heading, n)) expect(all, `${columns}: ${heading}`).toContain(solid(cellOf(heading)));
    }
  }
});

test("free texts are cut so that a row stays on one line, where that is enough", () => {
  expect(shown(["NAMESPACE", "TITLE"], 80)).toHaveLength(2);
  expect(shown(["NAMESPACE", "TITLE"], 80)[1]).toMatch(/…$/);
});

test("columns that do not fit are below the others, and an empty part of a row has no line", () => {
  const stdout = { write: () => true, columns: 60 };
  const io = { stdout, stderr: stdout, stdin: new PassThrough(), env: {}, cwd: "/" };
  const rows = [
    { id: 1, when: "every day 03:00", next: TIME, last: `ok, ${TIME}` },
    { id: 2, when: "every hour", next: TIME, last: null },
  ];
  const lines = table(io, { ID: "id", WHEN: "when", NEXT: "next", LAST: "last" }, rows);
  expect(lines.map(({ coloured }) => coloured)).toEqual([
    "ID  WHEN             NEXT",
    "  LAST",
    `1   every day 03:00  ${TIME}`,
    `  ok, ${TIME}`,
    `2   every hour       ${TIME}`,
  ]);
});
