import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { httpServer } from "../support/http-server.ts";
import { bundleServer } from "../support/serve-process.ts";

const source = (
  host: string,
  version: string,
  more = "",
): string => `import type { MetadataPlugin } from "@hitagi/sdk";
import { shout } from "shouting";

export default {
  namespace: "night-tags",
  type: "metadata",
  name: "Night tags",
  version: "${version}",
  author: "me",
  description: "Asks a site for the tags of a title.",
  permissions: { net: ["${host}"] },
  async getTags({ archive, signal }) {
    const response = await fetch("http://${host}/search?title=" + encodeURIComponent(archive.title), { signal });
    if (!response.ok) throw new Error("The site answered " + response.status);
    const found: { tags: string[] } = await response.json();
    return { tags: [...found.tags.map(shout)${more}] };
  },
} satisfies MetadataPlugin;
`;

const TEST = `import { test } from "node:test";
import { assertTags, openPlugin } from "@hitagi/sdk/testing";

const plugin = await openPlugin(new URL("./night-tags.ts", import.meta.url));

test("it takes the tags of the site", async () => {
  assertTags(await plugin.run({ archive: "samples/comic.cbz" }), ["ARTIST:A"]);
});
`;

/** An npm package, as an author installs it beside a plugin. */
const PACKAGE = {
  "package.json":
    '{ "name": "shouting", "version": "2.1.0", "type": "module", "exports": "./index.js", "license": "MIT" }',
  "index.js": "export const shout = (text) => text.toUpperCase();\n",
};

let world: World;
let program: string;
beforeAll(async () => {
  program = await bundleServer(path.resolve(import.meta.dirname, "../../src/cli/main.ts"));
  world = await openCliWorld();
});
afterAll(() => world.close());

/** Runs a command that must succeed. */
const done = async (...argv: string[]) => {
  const ran = await world.run(...argv);
  expect(ran.code, `${argv.join(" ")}\n${ran.out}${ran.err}`).toBe(0);
  return ran;
};
const inPlugin = (name: string) => path.join(world.folder, "night-tags", name);

test("a plugin with an npm package and a site is written, tested, packed, published and installed, and then its 1.0.1", async () => {
  let asked = 0;
  const address = await httpServer(({ url }, response) => {
    asked++;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ tags: url?.includes("title=comic") ? ["artist:a"] : [] }));
  });
  const { host } = new URL(address);
  await done("new", "night-tags", "--type", "metadata", "--net", host);
  await mkdir(inPlugin("node_modules/shouting"));
  for (const [name, text] of Object.entries(PACKAGE))
    await writeFile(inPlugin(`node_modules/shouting/${name}`), text);
  await writeFile(inPlugin("night-tags.ts"), source(host, "1.0.0"));
  await writeFile(inPlugin("night-tags.test.mjs"), TEST);

  const ran = await done("dev", "night-tags", "--once", "--json");
  expect([ran.json.runs[0].result, asked]).toEqual([{ tags: ["ARTIST:A"] }, 1]);
  const env = { ...process.env, HITAGI_PROGRAM: program, NODE_OPTIONS: "" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap"], {
    cwd: inPlugin("."),
    env,
  });
  expect(stdout).toMatch(/^# pass 1$/m);
  expect((await done("check", "night-tags", "--json")).json.findings).toEqual([]);
  await done("pack", "night-tags/night-tags.ts", "--out", "night-tags.js");
  expect(await readFile(path.join(world.folder, "night-tags.js"), "utf8")).toContain("shouting 2.1.0 (MIT)");
  // Checks and tests were answered by the recording.
  expect(asked).toBe(1);

  const keygen = ["--origin", "example.org/mine", "--out", "key", "--recovery-out", "paper"];
  const { json: keys } = await done("registry", "keygen", ...keygen, "--json");
  await done("registry", "init", "mine", "--name", "Mine", "--from", "night-tags");
  await done("registry", "publish", "mine", "--to", "public", "--key", "key");
  await done("registry", "add", "./public", "--fingerprint", keys.fingerprint);
  await done("install", "night-tags", "--yes");
  await done("library", "add", "night-tags/samples/comic.cbz");
  expect((await done("run", "night-tags", "--archive", "comic.cbz")).out).toContain("ARTIST:A");

  await writeFile(inPlugin("night-tags.ts"), source(host, "1.0.1", ', "found:yes"'));
  await done("registry", "add", "night-tags/night-tags.ts", "--dir", "mine");
  await done("registry", "publish", "mine", "--to", "public", "--key", "key");
  await done("registry", "refresh", "public");
  await done("upgrade", "night-tags", "--yes");
  expect((await done("run", "night-tags", "--archive", "comic.cbz")).out).toContain("found:yes");
});
