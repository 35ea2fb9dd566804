import { readFile } from "node:fs/promises";
import path from "node:path";
import { RegistryIndex } from "@hitagi/contract";
import semver from "semver";
import { Errors } from "typebox/value";
import { expect, test } from "vitest";
import { withVetting } from "../packages/server/src/app/check-registry.ts";
import { planBuild } from "../packages/server/src/keeper/build/build.ts";

const registryFolder = path.resolve(import.meta.dirname, "../examples/registry");

const committed = () => readFile(path.join(registryFolder, "registry.json"), "utf8");

test("the example registry is what a build of its files writes", async () => {
  const { signal } = new AbortController();
  const plan = await withVetting(process.env, (vet) =>
    planBuild(registryFolder, { vet, time: "2026-12-01T00:00:00Z", signal }),
  );
  expect(plan.problems).toEqual([]);
  expect(
    plan.files.map(({ file }) => file),
    "run `hitagi registry build examples/registry`",
  ).toEqual([]);
});

test("the index is valid, and its keys agree with what they hold", async () => {
  const index: RegistryIndex = JSON.parse(await committed());
  expect([...Errors(RegistryIndex, index)]).toEqual([]);
  for (const [namespace, plugin] of Object.entries(index.plugins)) {
    expect(plugin.namespace).toBe(namespace);
    for (const [version, entry] of Object.entries(plugin.versions)) {
      expect(entry.version).toBe(version);
      expect(semver.valid(version)).toBe(version);
      const perl = namespace.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
      expect([`${namespace}.ts`, `${perl}.pm`]).toContain(path.posix.basename(entry.artifact));
    }
  }
});

test("it has what a registry can have: all types, upgrades, a prerelease and a plugin that does not load", async () => {
  const plugins = Object.values((JSON.parse(await committed()) as RegistryIndex).plugins);
  const versions = plugins.flatMap((plugin) => Object.keys(plugin.versions));
  expect(plugins.length).toBeGreaterThanOrEqual(8);
  expect(new Set(plugins.map(({ type }) => type))).toEqual(
    new Set(["metadata", "download", "login", "script"]),
  );
  expect(plugins.filter((plugin) => Object.keys(plugin.versions).length > 1).length).toBeGreaterThanOrEqual(
    2,
  );
  expect(versions.filter((version) => semver.prerelease(version))).toEqual(["2.0.0-beta.1"]);
  expect(plugins.map(({ namespace }) => namespace)).toContain("broken-on-purpose");
});
