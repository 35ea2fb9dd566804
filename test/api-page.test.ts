import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestServer, type TestServer } from "../packages/server/test/http/test-server.ts";
import { commandBlocks } from "./command-blocks.ts";
import { copyOfCheckout, install, pack, root } from "./copy-of-checkout.ts";

const run = promisify(execFile);
const MINUTE = 60_000;

const blocks = commandBlocks(await readFile(path.join(root, "docs", "api.md"), "utf8")).filter(
  ({ notRun }) => notRun === undefined,
);
/** Defines what all later blocks use. */
const [first] = blocks;

let server: TestServer;
let own: string;
let folder: string;
let env: Record<string, string | undefined>;

beforeAll(async () => {
  server = await openTestServer();
  own = await mkdtemp(path.join(tmpdir(), "hitagi-api-"));
  folder = path.join(own, "empty");
  const { tarball } = await pack(await copyOfCheckout(own), "contract");
  await install(folder, [tarball, "openapi-typescript", "typescript@5", "@types/node@20"]);
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ type: "module", private: true }));
  await cp(path.join(root, "examples", "registry"), path.join(folder, "examples", "registry"), {
    recursive: true,
  });
  const address = await server.http.listen({ host: "127.0.0.1", port: 0 });
  const { key } = (await server.call("createKey", { body: { name: "page", scope: "manage" } })).body;
  env = { ...process.env, HITAGI_SERVER: address, HITAGI_API_KEY: key };
}, 5 * MINUTE);
afterAll(async () => {
  await server.close();
  await rm(own, { recursive: true, force: true });
});

/** What each block prints, by what it is about. */
const prints: Record<string, RegExp> = {
  '"refresh\\": true': /"total":\s*1/,
  "plugins/preview": /"state":\s*"finished"[\s\S]*success: 1/,
  "library/archives": /"name":\s*"my-program"[\s\S]*"total":\s*0/,
  "batch/preview": /"archives":\s*0[\s\S]*"job":\s*\d+/,
  "plugins/use": /"success":\s*1[\s\S]*hello[\s\S]*"success":\s*1[\s\S]*hello/,
  "node batch.js": /\d+ finished done/,
  "node installed.js": /echo \S+ ok[\s\S]*404 PLUGIN_NOT_/,
};

describe("the blocks of docs/api.md", () => {
  test.each(blocks.map((block) => [block.line, block] as const))(
    "at line %i",
    { timeout: 5 * MINUTE },
    async (_line, { file, text }) => {
      if (file !== undefined) return writeFile(path.join(folder, file), text);
      const script = `{ ${first?.text} } > /dev/null\n${text}`;
      const { stdout } = await run("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env }).catch(
        ({ stdout, stderr }) => {
          throw new Error(`${text}\n${stdout}${stderr}`);
        },
      );
      for (const [part, pattern] of Object.entries(prints))
        if (text.includes(part)) expect(stdout).toMatch(pattern);
    },
  );
});
