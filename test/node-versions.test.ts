import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { pluginText } from "../packages/server/test/http/plugin-sources.ts";
import { writeRegistry } from "../packages/server/test/support/registry-fixture.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { testedNodes } from "../scripts/test-nodes.mjs";
import { copyOfCheckout, install, pack, root } from "./copy-of-checkout.ts";
import { nodePrograms } from "./node-programs.ts";

const run = promisify(execFile);
const MINUTE = 60_000;

const programs = nodePrograms();
const leftOut = testedNodes.filter((version) => !programs.has(version));
if (leftOut.length > 0)
  console.warn(
    `Not on this machine: Node ${leftOut.join(", ")}. \`node scripts/test-nodes.mjs\` installs them.`,
  );

let own: string;
let place: string;

/** An npm that gives a clone this checkout's dependencies, instead of those of a package registry. */
const npmWithoutNetwork = async (folder: string): Promise<string> => {
  const link = `import { symlinkSync } from "node:fs"; symlinkSync(${JSON.stringify(path.join(root, "node_modules"))}, "node_modules");`;
  await mkdir(folder);
  await writeFile(
    path.join(folder, "npm"),
    `#!/bin/sh\n[ "$1" = ci ] && node --input-type=module -e '${link}'\n`,
  );
  await chmod(path.join(folder, "npm"), 0o755);
  return folder;
};

beforeAll(async () => {
  own = await mkdtemp(path.join(tmpdir(), "hitagi-nodes-"));
  const clone = await copyOfCheckout(own, false);
  const { stdout } = await run("sh", ["-c", 'readlink -f "$(command -v npm)"']);
  const npm = await npmWithoutNetwork(path.join(own, "bin"));
  const { tarball, files } = await pack(clone, "server", {
    npm: [process.execPath, stdout.trim()],
    env: { PATH: `${npm}${path.delimiter}${process.env.PATH}` },
  });
  expect(files).toContain("dist/hitagi.js");
  place = path.join(own, "empty");
  await install(place, [tarball]);
}, 10 * MINUTE);
afterAll(() => rm(own, { recursive: true, force: true }));

/** Starts the installed server with a Node program. @returns its address, and the command line with that program */
const serve = async (program: string) => {
  const data = path.join(await tempFolder(), "data");
  const hitagi = path.join(place, "node_modules", "hitagi", "bin", "hitagi.js");
  const env = { ...process.env, HITAGI_DATA: data, HITAGI_LOG: "warn" };
  const child: ChildProcess = spawn(program, [hitagi, "serve", "--port", "0"], { cwd: place, env });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (printed += chunk));
  await vi.waitFor(() => expect(printed).toMatch(/listens on http/), { timeout: 2 * MINUTE, interval: 100 });
  const [address = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
  return async (...args: string[]): Promise<string> => {
    const options = { cwd: place, env };
    const { stdout } = await run(program, [hitagi, ...args, "--server", address], options).catch((error) => {
      throw new Error(`hitagi ${args.join(" ")}: ${error.stdout}${error.stderr}`);
    });
    return stdout;
  };
};

const versionOf = (version: string) => ({
  version,
  source: pluginText("answer", version, "script", `run() { return "version ${version}"; },`),
});

describe("the packed server, from a clone without dependencies", () => {
  test("is packed without a change of the clone", async () => {
    const manifest = path.join("packages", "server", "package.json");
    expect(await readFile(path.join(own, "checkout", manifest), "utf8")).toBe(
      await readFile(path.join(root, manifest), "utf8"),
    );
  });

  test.each([...programs])(
    "does the main job with Node %s: add a registry, refresh, install, run, upgrade, roll back, remove",
    { timeout: 5 * MINUTE },
    async (version, program) => {
      const hitagi = await serve(program);
      const node = await run(program, ["--version"]);
      expect(node.stdout).toContain(`v${version}.`);
      const registry = await tempFolder();
      const offer = (...versions: string[]) =>
        writeRegistry(registry, [{ namespace: "answer", type: "script", versions: versions.map(versionOf) }]);
      await offer("1.0.0");
      await hitagi("registry", "add", registry, "--name", "mine");
      await hitagi("registry", "refresh");
      await hitagi("install", "answer", "--yes");
      expect(await hitagi("run", "answer")).toContain("version 1.0.0");
      await offer("1.0.0", "2.0.0");
      await hitagi("registry", "refresh", "mine");
      await hitagi("upgrade", "answer", "--yes");
      expect(await hitagi("run", "answer")).toContain("version 2.0.0");
      await hitagi("rollback", "answer");
      expect(await hitagi("run", "answer")).toContain("version 1.0.0");
      await hitagi("uninstall", "answer", "--yes");
      expect(JSON.parse(await hitagi("list", "--json"))).not.toContainEqual(
        expect.objectContaining({ namespace: "answer" }),
      );
      expect(await hitagi("doctor")).not.toContain("WRONG");
    },
  );

  test("was tried with every version of Node, where it is continuous integration", () => {
    if (process.env.CI) expect(leftOut).toEqual([]);
    else expect(programs.size).toBeGreaterThan(0);
  });
});
