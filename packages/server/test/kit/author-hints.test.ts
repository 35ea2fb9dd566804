import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type ErrorCode, errorTable } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorHintOf } from "../../src/kit/author-hints.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";

/** What only the owner of a server can do, or another person than the author. */
const OF_OTHERS = /\bauthor\b|\bkeeper\b|\bowner\b|server|hitagi (?:info|logs|list|rollback|install|grant)/;

/** Errors that a load or a run in the kit's sandbox gives. */
const inKit = (Object.keys(errorTable) as ErrorCode[]).filter((code) =>
  /^(?:LOAD_|MANIFEST_INVALID|PACKAGE_|RUNTIME_|ARTIFACT_NAME|SETTING_|CAPABILITY_|REQUEST_|FILE_NOT_READ|PLUGIN_(?:FAILED|TIMEOUT|CRASHED|FOLDER)|ENTRY_|ARCHIVE_(?:BROKEN|UNREADABLE|TYPE))/.test(
    code,
  ),
);

test("hints of the kit send an author to no other person and to no server", () => {
  expect(inKit.length).toBeGreaterThan(15);
  const sending = inKit
    .map((code) => [code, authorHintOf({ code, hint: errorTable[code][2] })])
    .filter(
      ([code, hint = ""]) =>
        code !== "ENTRY_TOO_LARGE" && OF_OTHERS.test(hint.replaceAll("guide-authors", "")),
    );
  expect(sending).toEqual([]);
});

describe("a command about the author's own broken file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hitagi-hints-"));
    const files = {
      "syntax.ts": "export default {{",
      "throws.ts": 'throw new Error("at load");\nexport default {};\n',
      "manifest.ts": pluginText("Bad Name", "1.0.0", "metadata", "async getTags() { return { tags: [] }; },"),
      "script.ts": pluginText("script", "1.0.0", "script", "async run() { throw new Error('at run'); },"),
      "setting.ts": pluginText(
        "setting",
        "1.0.0",
        "script",
        'parameters: { count: { type: "int" } }, async run() { return {}; },',
      ),
      "Broken.pm": "package Wrong::Name;\nuse strict;\n1;\n",
      "plugin.txt": "no plugin",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  });

  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ["try", "syntax.ts"],
    ["try", "throws.ts"],
    ["try", "manifest.ts"],
    ["try", "script.ts"],
    ["try", "setting.ts", "--set", "count=many"],
    ["try", "Broken.pm"],
    ["dev", "syntax.ts", "--once"],
    ["dev", "throws.ts", "--once"],
    ["dev", "manifest.ts", "--once"],
    ["dev", "script.ts", "--once"],
    ["dev", "setting.ts", "--once", "--set", "count=many"],
    ["check", "syntax.ts"],
    ["check", "throws.ts"],
    ["check", "manifest.ts"],
    ["pack", "syntax.ts"],
    ["pack", "throws.ts"],
    ["pack", "manifest.ts"],
    ["port", "Broken.pm", "--dry-run"],
  ])("%s %s says what the author can do", async (...argv) => {
    const { code, out, err } = await runCaptured(argv, { cwd: folder });
    expect(code).toBe(1);
    const said = `${out}\n${err}`.replaceAll("guide-authors", "").replaceAll('author: "', "");
    expect(said).not.toMatch(OF_OTHERS);
    expect(err).toMatch(/^hint: /m);
  });
});
