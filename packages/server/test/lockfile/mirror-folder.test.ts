import { mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { writeRegistry } from "../support/registry-fixture.ts";
import { done, published, twoServers } from "./two-servers.ts";

const servers = twoServers();

test("a mirror follows no link of a stick that others wrote", async () => {
  const { first } = servers;
  const [stick, elsewhere] = ["stick", "elsewhere"].map((name) => path.join(first.folder, name)) as [
    string,
    string,
  ];
  await mkdir(stick);
  await mkdir(elsewhere);
  await symlink(elsewhere, path.join(stick, "plugins"));
  const { code, err } = await first.run("mirror", stick, "--all");
  expect([code, err]).toEqual([1, expect.stringContaining("is a link")]);
  expect(await readdir(elsewhere)).toEqual([]);
});

test.each([
  "registry.json",
  "registry.head",
  "Registry.Details.json",
  "registry.mirror.json",
  "registry.head./a.ts",
])("a plugin file does not take the place of one of the registry's own: %s", async (artifact) => {
  const { first } = servers;
  const bad = path.join(first.folder, "bad");
  await mkdir(bad);
  const [echo] = published("1.0.0");
  for (const version of echo?.versions ?? []) version.artifact = artifact;
  await writeRegistry(bad, echo ? [echo] : []);
  await done(first, "registry", "add", "./bad", "--name", "Bad");
  const { code, err } = await first.run("mirror", "stick", "--registry", "Bad", "--all");
  expect([code, err]).toEqual([1, expect.stringContaining(`Invalid plugin filename: "${artifact}"`)]);
  expect(await readdir(first.folder)).not.toContain("stick");
});
