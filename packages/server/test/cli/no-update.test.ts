import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PluginDetails } from "@hitagi/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { blockListFile } from "../support/block-list.ts";
import { writeDetailed } from "../support/details-registry.ts";
import { hashOfText } from "../support/signed-registry.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
const done: World["done"] = (...argv) => world.done(...argv);
const echo = offered("echo", ["1.0.0"]);
const plain = offered("plain", ["1.0.0"]);
const yankOf = ({ versions }: typeof echo, more: object = {}) => ({
  yanked: {
    "1.0.0": {
      ...{
        sha256: hashOfText(versions[0]?.source ?? ""),
        reason: "It deletes tags.",
        at: "2026-02-02T03:04:05Z",
      },
      ...more,
    },
  },
});
const publish = async (plugins: (typeof echo)[], said: Record<string, PluginDetails>) => {
  await writeDetailed(path.join(world.folder, "comics"), plugins, { plugins: said });
  if (world.server) await world.run("registry", "refresh", "comics");
};

beforeAll(async () => {
  world = await openCliWorld();
  await publish([echo, plain], {});
  await done("registry", "add", "./comics");
  await done("install", "echo", "--yes");
  await publish([plain], { echo: yankOf(echo) });
});
afterAll(() => world.close());

const WHY = '"It deletes tags."';

it("a plugin whose versions are all yanked keeps its keeper's reason in list, info, search and install", async () => {
  const listed = await done("list");
  expect(listed.err).toContain(`echo: installed 1.0.0 is no longer offered, its keeper yanked it: ${WHY}`);
  const info = await done("info", "echo");
  expect(info.out.replaceAll(/\s+/g, " ")).toContain("Yanked 2026-02-02: It deletes tags.");
  const searched = await done("search", "echo");
  expect(searched.out).toBe("Nothing found.\n");
  const gone = `No registry offers echo any more: its keeper yanked all its versions, 1.0.0 on 2026-02-02: ${WHY}`;
  expect(searched.err).toContain(gone);
  expect((await done("search", "echo", "tags")).err).toBe("");
  await done("uninstall", "echo", "--yes");
  for (const command of ["info", "install"]) {
    const { code, err } = await world.run(command, "echo");
    expect([code, err]).toEqual([1, expect.stringContaining(gone)]);
  }
  const { json } = await world.run("info", "echo", "--json");
  expect(json).toMatchObject({ code: "PLUGIN_YANKED" });
  await publish([echo, plain], {});
});

it("an upgrade without a newer version says that the installed one was yanked", async () => {
  await publish([echo, plain], {});
  await rm(path.join(world.folder, "comics"), { recursive: true });
  await world.run("registry", "remove", "comics", "--yes");
  await writeDetailed(path.join(world.folder, "second"), [echo, plain], {});
  await done("registry", "add", "./second");
  await done("install", "echo", "--registry", "second", "--yes");
  expect((await done("upgrade", "echo")).out).toMatch(/^echo +1\.0\.0 +1\.0\.0 +up to date$/m);
  await writeDetailed(path.join(world.folder, "second"), [plain], { plugins: { echo: yankOf(echo) } });
  await done("registry", "refresh", "second");
  const { code, out, err } = await world.run("upgrade", "echo");
  expect([code, out]).toEqual([1, expect.stringMatching(/^echo +1\.0\.0 +1\.0\.0 +failed$/m)]);
  expect(err).toContain(
    `echo 1.0.0 was yanked by its keeper on 2026-02-02, and there is no newer version: ${WHY}`,
  );
  expect(err).toContain("`hitagi uninstall echo`");
  expect((await done("upgrade")).err).toContain("echo: installed 1.0.0 is no longer offered");
});

it("an upgrade says that a plugin is quarantined, and why: yanked as dangerous, blocked", async () => {
  const dangerous = { plugins: { echo: yankOf(echo, { dangerous: true }) } };
  await writeDetailed(path.join(world.folder, "second"), [plain], dangerous);
  await done("registry", "refresh", "second");
  const { code, err } = await world.run("upgrade", "echo");
  expect(code).toBe(1);
  expect(err).toMatch(
    /echo 1\.0\.0 is quarantined, and there is no newer version: "its keeper yanked 1\.0\.0 as dangerous/,
  );
  expect(err).toContain("Remove it with `hitagi uninstall echo`. If you know better than its keeper:");
  expect((await done("upgrade")).err).toMatch(/^echo is quarantined: ".*It deletes tags\."$/m);
  const listed = await done("upgrade", "--list");
  expect(listed.out).toBe("There is nothing to upgrade.\n");
  expect(listed.err).toMatch(/^echo is quarantined: /m);

  await done("install", "plain", "--yes");
  await writeFile(path.join(world.folder, "blocks"), blockListFile(1, ["block namespace plain It steals."]));
  await done("policy", "blocks", "add", "mine", path.join(world.folder, "blocks"));
  const blocked = await world.run("upgrade", "plain");
  expect([blocked.code, blocked.err]).toEqual([
    1,
    expect.stringMatching(/plain 1\.0\.0 is quarantined, and there is no newer version: ".*It steals/),
  ]);
  expect(blocked.err).toContain("Remove it with `hitagi uninstall plain`. If you know better than the list:");
});

it("a disabled plugin without a newer version is up to date", async () => {
  await done("policy", "blocks", "remove", "mine");
  await world.run("disable", "plain");
  expect((await done("upgrade", "plain")).out).toMatch(/up to date$/m);
});
