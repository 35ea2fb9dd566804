import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test, vi } from "vitest";
import { rar5 } from "../packages/server/test/library/containers/rar.ts";
import { pdf } from "../packages/server/test/library/containers/samples.ts";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";
import { copyOfCheckout, install, pack } from "./copy-of-checkout.ts";

const run = promisify(execFile);
const MINUTE = 60_000;

const ended = (child: ChildProcess) => new Promise((resolve) => child.once("exit", resolve));

test("npm pack gives a package that serves from an empty folder with nothing else", {
  timeout: 5 * MINUTE,
}, async () => {
  const checkout = await copyOfCheckout(await tempFolder());
  const server = path.join(checkout, "packages", "server");
  const before = await readFile(path.join(server, "package.json"), "utf8");
  const { tarball, size, files } = await pack(checkout, "server");
  expect(size).toBeLessThan(3_000_000);
  expect(files).toEqual(
    expect.arrayContaining([
      "README.md",
      "LICENSE",
      "bin/hitagi.js",
      "dist/archive-reader.js",
      "dist/compiler.js",
      "dist/faults-reader.js",
      "dist/harness.js",
      "dist/index-worker.js",
      "dist/url-pattern-worker.js",
      "dist/perl/harness.pl",
      "dist/registry/registry.json",
      "dist/THIRD-PARTY.md",
    ]),
  );
  expect(
    files.filter((file) => /\.map$|^(?:src|test|bench|dev)\/|dist\/(?:bench|demo|docs)/.test(file)),
  ).toEqual([]);
  const builtins = await readdir(path.join(checkout, "plugins"));
  expect(files).toEqual(expect.arrayContaining(builtins.map((name) => `dist/builtin/${name}`)));
  expect(await readFile(path.join(server, "package.json"), "utf8")).toBe(before);
  expect(await readdir(server)).not.toContain("README.md");

  const place = path.join(await tempFolder(), "empty");
  await install(place, [tarball]);
  expect(existsSync(path.join(place, "node_modules", "vitest"))).toBe(false);

  const child = spawn("npx", ["--no-install", "hitagi", "serve", "--port", "0"], {
    cwd: place,
    env: { ...process.env, HITAGI_DATA: undefined, HITAGI_LOG: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.pid !== undefined) {
      process.kill(-child.pid, "SIGTERM");
      await ended(child);
    }
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  await vi.waitFor(() => expect(printed).toMatch(/listens on http/));
  const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [""];
  expect(await (await fetch(`${address}/healthz`)).json()).toMatchObject({
    status: "ok",
    runtimes: { deno: "ok" },
  });
  expect((await stat(path.join(place, "data", "api-key"))).mode & 0o777).toBe(0o600);
  expect((await fetch(`${address}/api/docs/`)).status).toBe(200);

  const plugin =
    'export default { namespace: "hello", type: "script", name: "Hello", version: "1.0.0", author: "me", description: "", run: () => "hello there" };';
  await writeFile(path.join(place, "hello.ts"), plugin);
  const hitagi = (...args: string[]) =>
    run("npx", ["--no-install", "hitagi", ...args, "--server", address], { cwd: place });
  await hitagi("sideload", "./hello.ts");
  // Without an address, over the Unix socket in the data folder.
  const local = await run("npx", ["--no-install", "hitagi", "list"], { cwd: place });
  expect(local.stdout).toContain("hello");
  expect((await hitagi("run", "hello")).stdout).toContain("hello there");
  // The first steps that it prints lead to the project's own registry, which the package has.
  const [, registry = ""] = / registry add (\S+)/.exec(printed) ?? [];
  await hitagi("registry", "add", registry);
  await hitagi("install", "comic-info-full", "--yes");
  expect((await hitagi("list")).stdout).toContain("comic-info-full");
  // What reads them is beside the package: 7-Zip as WebAssembly, pdf.js, and the library that draws.
  await writeFile(path.join(place, "a.cbr"), rar5({ "1.jpg": Buffer.from("page") }));
  await writeFile(path.join(place, "b.pdf"), pdf("#ff0000"));
  await hitagi("library", "add", "a.cbr", "b.pdf");
  const archives = JSON.parse((await hitagi("library", "list", "--json")).stdout);
  expect(archives.map((archive: { pagecount: number }) => archive.pagecount)).toEqual([1, 1]);
  expect((await hitagi("backup", "all.tar.gz")).stdout).toContain("and checked it");
  expect((await hitagi("doctor")).stdout).not.toContain("WRONG");
});
