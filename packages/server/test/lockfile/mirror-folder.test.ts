import { mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { writeRegistry } from "../support/registry-fixture.ts";
import { done, publish, published, twoServers } from "./two-servers.ts";

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

test("without an installed version it says that nothing was mirrored, and what to do", async () => {
  const { first } = servers;
  const { out, err } = await done(first, "mirror", "stick");
  expect(out).toBe("Nothing was mirrored to stick.\n");
  expect(err).toContain("no version that Mine offers is installed here");
  expect(err).toContain("hint: Copy all with `hitagi mirror stick --all`");
  expect(await readdir(first.folder)).not.toContain("stick");
  const { json } = await done(first, "mirror", "stick", "--json");
  expect(json).toMatchObject({ copied: 0, there: 0 });
});

test("a mirror that is there gets the newer head all the same, and says that no file was chosen", async () => {
  const { first } = servers;
  await done(first, "mirror", "stick", "--all");
  await publish(servers, "1.0.0", "1.1.0", "1.2.0");
  const { out, err } = await done(first, "mirror", "stick");
  expect(out).toContain("Mirrored Mine to stick: its index, and no plugin file, at head 2.");
  expect(err).toContain("--all");
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
