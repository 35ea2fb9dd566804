import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleServer } from "../packages/server/test/support/serve-process.ts";
import { copyOfCheckout, install, pack, root } from "./copy-of-checkout.ts";
import { nodePrograms } from "./node-programs.ts";

const run = promisify(execFile);
const MINUTE = 60_000;

const PLUGIN = `export default {
  namespace: "pages", type: "metadata", name: "Pages", version: "1.0.0", author: "me",
  description: "Counts pages",
  async getTags(ctx) { return { tags: ["pages:" + (await ctx.archive.entries()).length] }; },
};
`;

/** A test as an author writes it. @param from the module of the test runner @param wrong what it expects beside the truth */
const testOf = (
  from: string,
  wrong = "",
): string => `import { ${from === "vitest" ? "test" : "default as test"} } from "${from}";
import { assertTags, openPlugin } from "@hitagi/sdk/testing";

test("it counts the pages", async () => {
  const plugin = await openPlugin("pages.js");
  assertTags(await plugin.run({ archive: { pages: 3 } }), ["pages:3"${wrong}]);
});
`;

let own: string;
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  own = await mkdtemp(path.join(tmpdir(), "hitagi-sdk-"));
  const { tarball } = await pack(await copyOfCheckout(own), "sdk");
  folder = path.join(own, "empty");
  await install(folder, [tarball, "vitest"]);
  const files = {
    "package.json": JSON.stringify({ type: "module", private: true }),
    "pages.js": PLUGIN,
    "node.test.js": testOf("node:test"),
    "vitest.test.js": testOf("vitest"),
    "wrong.test.js": testOf("vitest", ', "another"'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  env = {
    ...process.env,
    HITAGI_PROGRAM: await bundleServer(path.join(root, "packages/server/src/cli/main.ts")),
  };
  // Set by the runner of these tests, which is another one.
  for (const name of Object.keys(env)) if (/^(?:VITEST|NODE_OPTIONS|TEST$|VITE)/.test(name)) delete env[name];
}, 5 * MINUTE);
afterAll(() => rm(own, { recursive: true, force: true }));

describe.each([...nodePrograms()])("the packed SDK in an empty folder, with Node %s", (_, program) => {
  const vitest = (file: string) =>
    run(program, ["node_modules/vitest/vitest.mjs", "run", file], { cwd: folder, env });

  test("tests a plugin with node:test", { timeout: 2 * MINUTE }, async () => {
    const { stdout } = await run(program, ["--test", "node.test.js"], { cwd: folder, env });
    expect(stdout).toMatch(/^# pass 1$|^ℹ pass 1$/m);
  });

  test("tests a plugin with vitest", { timeout: 2 * MINUTE }, async () => {
    expect((await vitest("vitest.test.js")).stdout).toMatch(/Tests {2}1 passed/);
  });

  test("fails where a plugin does not do what its test says", { timeout: 2 * MINUTE }, async () => {
    const failed = await vitest("wrong.test.js").catch((error: { stdout: string; stderr: string }) => error);
    expect(`${failed.stdout}${failed.stderr}`).toMatch(/another[\s\S]*Tests {2}1 failed/);
  });
});
