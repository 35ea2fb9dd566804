import { cp, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { RegistryDetails, RegistryIndex } from "@hitagi/contract";
import { expect, test } from "vitest";
import { withVetting } from "../../packages/server/src/app/check-registry.ts";
import { planBuild } from "../../packages/server/src/keeper/build/build.ts";
import { runCaptured } from "../../packages/server/test/cli/cli-world.ts";
import { tempFolder } from "../../packages/server/test/support/temp-folder.ts";

const registry = path.resolve(import.meta.dirname, "..");

const built = async <T>(file: string): Promise<T> =>
  JSON.parse(await readFile(path.join(registry, file), "utf8"));

test("the committed registry is what a build of its sources writes", async () => {
  const { signal } = new AbortController();
  const plan = await withVetting(process.env, (vet) =>
    planBuild(registry, { vet, time: "2026-12-01T00:00:00Z", signal }),
  );
  expect(plan.problems, "raise the version of each plugin that changed").toEqual([]);
  expect(
    plan.files.map(({ file }) => file),
    "run `hitagi registry build registry`",
  ).toEqual([]);
});

test("every plugin has its test, its readme, and few rights", async () => {
  const { plugins } = await built<RegistryIndex>("registry.json");
  const details = (await built<RegistryDetails>("registry.details.json")).plugins;
  expect(Object.keys(plugins).sort()).toEqual((await readdir(path.join(registry, "plugins"))).sort());
  for (const [namespace, { versions }] of Object.entries(plugins)) {
    expect((await stat(path.join(registry, "plugins", namespace, `${namespace}.test.ts`))).isFile()).toBe(
      true,
    );
    expect(details[namespace]?.readme).toMatch(/^# /);
    for (const version of Object.keys(versions)) {
      const { net = [], library } = details[namespace]?.versions?.[version]?.permissions ?? {};
      expect([net.length <= 1, net.some((host) => host.startsWith("*"))]).toEqual([true, false]);
      expect(library === "write", namespace).toBe(namespace === "rename-by-pattern");
      const artifact = await readFile(path.join(registry, versions[version]?.artifact ?? ""), "utf8");
      expect(/\bcooldown: [1-9]/.test(artifact), `${namespace} keeps a site's limit`).toBe(net.length > 0);
    }
  }
});

test.each([
  ["mangadex", "mangadex.org/title/0f9d0a2e-6c1b-4c7e-9d58-3f1f6f1c2b3a", "mangadex.org/author/0f9d0a2e"],
  ["anilist", "anilist.co/manga/42/Night-Walks/", "anilist.co/anime/42"],
  ["manga-updates", "www.mangaupdates.com/series/pb8uwds/night-walks", "www.mangaupdates.com/author/pb8uwds"],
  ["comic-vine", "comicvine.gamespot.com/night-walks-3/4000-1042/", "comicvine.gamespot.com/snail/4005-3/"],
  ["open-library", "openlibrary.org/works/OL4242W/Night_walks", "openlibrary.org/authors/OL1A"],
])("%s is chosen by the address %s, and not by %s", async (namespace, taken, other) => {
  const { plugins } = await built<RegistryIndex>("registry.json");
  const artifact = plugins[namespace]?.versions["1.0.0"]?.artifact ?? "";
  const plugin = (await import(path.join(registry, artifact))) as { default: { url_regex: string } };
  const addresses = new RegExp(plugin.default.url_regex);
  expect([addresses.test(`https://${taken}`), addresses.test(`https://${other}`)]).toEqual([true, false]);
});

/** The address that `preview` says, while it runs. */
const previewed = (stdout: PassThrough): Promise<string> =>
  new Promise((resolve) => {
    let text = "";
    stdout.on("data", (chunk) => {
      text += chunk;
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (address) resolve(address);
    });
  });

test("it is checked, signed with a key of the test, verified and previewed by the commands", async () => {
  const folder = await tempFolder();
  const run = (...argv: string[]) => runCaptured(["registry", ...argv], { cwd: folder });
  await cp(registry, path.join(folder, "mine"), { recursive: true });
  expect((await run("check", "mine")).out).toContain("mine is valid.");
  await run("keygen", "--origin", "example.org/plugins", "--out", "key", "--recovery-out", "paper");
  expect((await run("sign", "mine", "--key", "key")).out).toContain("Signed head 1 of example.org/plugins");
  expect((await run("verify", "mine")).out).toContain("mine is signed");
  const stop = new AbortController();
  const stdout = new PassThrough();
  const preview = runCaptured(["registry", "preview", "mine"], { cwd: folder, stdout, signal: stop.signal });
  const page = await fetch(await previewed(stdout)).finally(() => stop.abort());
  expect(await page.text()).toContain("Hitagi&#39;s plugins");
  expect((await preview).code).toBe(0);
});
