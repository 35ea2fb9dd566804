import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { openWorld } from "../catalog/world.ts";
import { tempFolder } from "../support/temp-folder.ts";

const FILES = 200;

const plugin = (namespace: string): string =>
  `export default ${JSON.stringify({ namespace, version: "1.0.0", type: "script", name: namespace, author: "a" })}`;

const addRegistry = async (world: Awaited<ReturnType<typeof openWorld>>, files: Record<string, string>) => {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  const { id } = await world.registries.create({
    ...{ name: path.basename(folder), provider: "local", path: folder, generateIndex: true },
  });
  return id;
};

test("after three load checks that do not end, no further file of a refresh is loaded, and each says why", async () => {
  const world = await openWorld();
  const names = Array.from({ length: FILES }, (_, n) => `p${n}`);
  const hostile = await addRegistry(
    world,
    Object.fromEntries(names.map((name) => [`${name}.ts`, plugin(name)])),
  );
  world.vetFaults.push(...names.map(() => "it took longer than 20 s"));
  const refreshed = await world.catalog.refresh(hostile);
  // Two are loaded at once, so that one more may have begun.
  expect(world.vetted.length).toBeLessThanOrEqual(4);
  expect(refreshed.skippedCount).toBe(FILES);
  const reasons = (refreshed.skipped ?? []).map(({ reason }) => reason);
  expect(reasons.filter((reason) => reason.includes("could not be ended in time")).length).toBeGreaterThan(0);

  world.vetFaults.length = 0;
  const good = await addRegistry(world, { "good.ts": plugin("good") });
  expect((await world.catalog.refresh(good)).skippedCount).toBeUndefined();
  // What was not loaded is no failure of its own: a later refresh loads it.
  await world.catalog.refresh(hostile);
  expect(new Set(world.vetted).size).toBe(FILES + 1);
});
