import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyOfCheckout, install, pack } from "./copy-of-checkout.ts";
import { nodePrograms } from "./node-programs.ts";

const run = promisify(execFile);

const PLUGIN = `import { marked } from "marked";
import type { MetadataPlugin } from "@hitagi/sdk";

const parameters = { language: { type: "string", desc: "Language", default_value: "en" } } as const;

export default {
  namespace: "site-notes", type: "metadata", name: "Site notes", version: "1.0.0", author: "me", description: "Asks a site.",
  parameters,
  permissions: { net: ["api.example.org"] },
  async getTags({ archive, settings }) {
    const response = await fetch("https://api.example.org/notes?l=" + settings.language);
    if (!response.ok) throw new Error("The site answered " + response.status);
    const comicInfo = await archive.text("ComicInfo.xml");
    const [, series] = /<Series>(.*?)<\\/Series>/.exec(comicInfo) ?? [];
    const tags = [...(await response.json()), "series:" + series, "pages:" + (await archive.entries()).length];
    return { tags, summary: marked.parseInline("**" + archive.title + "**") as string };
  },
} satisfies MetadataPlugin<typeof parameters>;
`;

/** The same test for every test runner. @param imports where `test` comes from */
const testFile = (imports: string): string => `import assert from "node:assert/strict";
${imports}
import { assertRequests, assertTags, openPlugin } from "@hitagi/sdk/testing";

const plugin = await openPlugin(new URL("./site-notes.ts", import.meta.url));
const archive = { title: "Night Walks", pages: 2, comicInfo: { Series: "Walks" } };
const url = "https://api.example.org/notes?l=de";

test("it tags a made archive with a recorded answer", async () => {
  const result = await plugin.run({ archive, settings: { language: "de" }, http: [{ url, json: ["artist:a"] }] });
  assertTags(result, ["artist:a", "series:Walks", "pages:3"]);
  assertRequests(result, ["GET https://api.example.org/notes"]);
  assert.equal(result.summary, "<strong>Night Walks</strong>");
});

test("it says what the site answered", async () => {
  const refused = plugin.run({ archive, settings: { language: "de" }, http: [{ url, status: 503 }] });
  await assert.rejects(refused, /The site answered 503/);
});
`;

let own: string;
let place: string;
beforeAll(async () => {
  own = await mkdtemp(path.join(tmpdir(), "hitagi-packed-"));
  const checkout = await copyOfCheckout(own);
  const tarballs: string[] = [];
  for (const name of ["sdk", "server"] as const) tarballs.push((await pack(checkout, name)).tarball);
  place = path.join(own, "empty");
  await install(place, [...tarballs, "vitest", "marked"]);
  // The packages came from it, and nothing else may.
  await rm(checkout, { recursive: true });
  await writeFile(path.join(place, "site-notes.ts"), PLUGIN);
  await writeFile(path.join(place, "site-notes.test.mjs"), testFile('import { test } from "node:test";'));
  await writeFile(path.join(place, "site-notes.spec.mjs"), testFile('import { test } from "vitest";'));
});
afterAll(() => rm(own, { recursive: true, force: true }));

/** A test that expects another tag than the plugin gives. */
const WRONG = `
test("it fails", async () => {
  const result = await plugin.run({ archive, settings: { language: "de" }, http: [{ url, json: ["artist:a"] }] });
  assertTags(result, ["artist:b"]);
});
`;

/** Runs a program of the folder as its author does: with nothing of these tests in the environment. */
const runIn = async (node: string, args: string[]): Promise<string> => {
  const env = { PATH: `${path.dirname(node)}:/usr/bin:/bin`, HOME: place, TMPDIR: tmpdir(), NO_COLOR: "1" };
  const ended = await run(node, args, { cwd: place, env }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return `${ended.stdout}\n${ended.stderr}`;
};

test.each([...nodePrograms()])(
  "in Node %s the packed test kit runs a plugin from node:test and from vitest, beside no checkout",
  async (_version, node) => {
    const tap = await runIn(node, ["--test", "--test-reporter=tap"]);
    expect(tap, tap).toMatch(/^# pass 2$/m);
    expect(tap).toMatch(/^# fail 0$/m);
    const vitest = await runIn(node, ["node_modules/vitest/vitest.mjs", "run", "site-notes.spec.mjs"]);
    expect(vitest, vitest).toMatch(/Tests +2 passed/);
    await writeFile(path.join(place, "wrong.spec.mjs"), testFile('import { test } from "vitest";') + WRONG);
    const wrong = await runIn(node, ["node_modules/vitest/vitest.mjs", "run", "wrong.spec.mjs"]);
    expect(wrong, wrong).toMatch(/Tests +1 failed \| 2 passed/);
    expect(wrong).toContain("artist:b");
    await writeFile(path.join(place, "wrong.mjs"), testFile('import { test } from "node:test";') + WRONG);
    const failed = await runIn(node, ["--test", "--test-reporter=tap", "wrong.mjs"]);
    expect(failed, failed).toMatch(/^# fail 1$/m);
  },
);
