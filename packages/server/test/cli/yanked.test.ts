import path from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { writeDetailed } from "../support/details-registry.ts";
import { hashOfText } from "../support/signed-registry.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
const plugins = [offered("echo", ["1.0.0", "1.1.0"])];
const [first] = plugins[0]?.versions ?? [];
const yank = {
  ...{ sha256: hashOfText(first?.source ?? ""), reason: "It deletes tags.", at: "2026-02-02T03:04:05Z" },
};
const publish = async (yanked: object, permissions = {}) => {
  const versions = { "1.0.0": { permissions } };
  await writeDetailed(path.join(world.folder, "comics"), plugins, {
    plugins: { echo: { versions, ...yanked } },
  });
};
const refresh = async () => expect((await world.run("registry", "refresh", "comics")).code).toBe(0);

beforeAll(async () => {
  world = await openCliWorld();
  await publish({});
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());

it("a version that asks for other permissions than its details say is not installed", async () => {
  await publish({}, { net: ["api.example.org"] });
  await refresh();
  const { code, err } = await world.run("install", "echo", "--version", "1.0.0", "--yes");
  expect([code, err]).toEqual([1, expect.stringContaining("The plugin says permissions is")]);
});

it("a yanked version is installed only by its name, with the keeper's reason", async () => {
  await publish({ yanked: { "1.0.0": yank } });
  await refresh();
  const { code, err } = await world.run("install", "echo", "--version", "1.0.0", "--yes");
  expect([code, err]).toEqual([0, expect.stringContaining("was yanked by its keeper on 2026-02-02")]);
});

it("one that is yanked as dangerous is quarantined at the next refresh, and everything says why", async () => {
  await publish({ yanked: { "1.0.0": { ...yank, dangerous: true } } });
  await refresh();
  const { health } = (await world.run("info", "echo", "--json")).json.installed;
  expect(health).toMatchObject({ state: "quarantined", cause: "yanked" });
  const { out, err } = await world.run("list");
  expect(out).toMatch(/^echo +script +1\.0\.0 +yanked +quarantined /m);
  expect(err).toContain("yanked 1.0.0 as dangerous on 2026-02-02: It deletes tags.");
  expect((await world.run("doctor")).out).toContain("yanked 1.0.0 as dangerous");
  await vi.waitFor(async () =>
    expect((await world.run("history", "--json")).out).toContain('"action": "quarantine_plugin"'),
  );
  const again = await world.run("install", "echo", "--version", "1.0.0");
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('as dangerous: "It deletes tags."')]);
});

it("a rollback chooses no yanked version by itself, and what is dangerous needs the owner's word", async () => {
  const used = await world.run("run", "echo");
  expect(used.err).toContain("If you know better than its keeper: `hitagi policy blocks allow echo`.");
  expect(used.err).not.toContain("rollback");
  expect((await world.run("upgrade", "echo")).code).toBe(0);
  const back = await world.run("rollback", "echo");
  expect([back.code, back.err]).toEqual([
    1,
    expect.stringMatching(/No kept version of echo is gone back to .* dangerous: .*It deletes tags/),
  ]);
  await publish({ yanked: { "1.0.0": yank } });
  await refresh();
  expect((await world.run("rollback", "echo")).err).toContain("It deletes tags.");
  const listed = await world.run("rollback", "echo", "--list");
  expect(listed.out).toMatch(/^1\.0\.0 .* yanked$/m);
  expect(listed.err).toContain("echo 1.0.0 was yanked by its keeper on 2026-02-02:");
  expect((await world.run("rollback", "echo", "1.0.0")).code).toBe(0);
  await world.run("unskip", "echo");
  await publish({ yanked: { "1.0.0": { ...yank, dangerous: true } } });
  await refresh();
});

it("the owner lets it run, and takes that back", async () => {
  const state = async () => (await world.run("info", "echo", "--json")).json.installed.health.state;
  await world.run("policy", "blocks", "allow", "echo");
  expect(await state()).toBe("ok");
  await world.run("policy", "blocks", "disallow", "echo");
  expect(await state()).toBe("quarantined");
  expect((await world.run("upgrade", "echo")).code).toBe(0);
  expect(await state()).toBe("ok");
});
