import { mkdir } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { epochSeconds } from "../../src/clock.ts";
import { checkRegistries } from "../../src/notifications/incidents.ts";
import { offered } from "../install/plugin-source.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

let world: World;
const done: World["done"] = (...argv) => world.done(...argv);

/** A signed registry of which `echo` 1.0.0 is installed; then its keeper begins the second epoch, with 1.1.0. */
beforeAll(async () => {
  world = await openCliWorld();
  const mine = path.join(world.folder, "mine");
  await mkdir(mine);
  await writeRegistry(mine, [offered("echo", ["1.0.0"])]);
  const keys = ["--out", "a.key", "--recovery-out", "paper"];
  await done("registry", "keygen", "--origin", "example.org/mine", ...keys);
  await done("registry", "sign", "mine", "--key", "a.key");
  await done("registry", "add", "./mine");
  await done("install", "echo");
  await writeRegistry(mine, [offered("echo", ["1.0.0", "1.1.0"])]);
  await done("registry", "recover", "mine", "--recovery", "paper", "--out", "b.key");
  await done("registry", "refresh", "mine");
});
afterAll(() => world.close());

test("the owner is told of the new keys where updates, the registry and the doctor are shown, and by a notification", async () => {
  const listed = await done("upgrade", "--list");
  expect(listed.out).toMatch(/^echo +1\.0\.0 +1\.1\.0 +mine$/m);
  expect(listed.err).toMatch(
    /^echo 1\.1\.0 waits: The registry mine changed its keys \d+ \w+ ago, and automatic updates take nothing/m,
  );
  expect((await done("upgrade", "--list", "--json")).json.updates).toMatchObject([
    { namespace: "echo", waits: { code: "EPOCH_TOO_NEW" } },
  ]);
  const told = "Its keeper changed its keys, which began epoch 2.";
  for (const command of ["list", "show"]) {
    const { out } = await done("registry", command, ...(command === "show" ? ["mine"] : []));
    expect(out.replaceAll("\n", " ")).toContain(told);
  }
  const env = {
    ...{ HITAGI_DATA: path.join(world.folder, "data"), HITAGI_SERVER: world.server.address },
    ...{ HITAGI_PORT: "0", PATH: process.env.PATH ?? "" },
  };
  const { out: findings } = await runCaptured(["doctor", "--json"], { env });
  expect(findings).toContain(told);
  const check = checkRegistries(world.server.services.registries, epochSeconds);
  expect([...(await check()).values()]).toEqual([expect.stringContaining(`mine: ${told}`)]);
});

test("automatic updates take nothing, and an upgrade that the owner starts takes it and says so", async () => {
  const { installer, registries } = world.server.services;
  const [registry] = await registries.list();
  const { conflicts } = await installer.plan({
    ...{ namespace: toNamespace("echo"), registry: registry?.id ?? "", version: "1.1.0" },
    update: "automatic",
  });
  expect(conflicts[0]?.code).toBe("EPOCH_TOO_NEW");
  const [refused] = await installer.upgrade([toNamespace("echo")], false, { isAutomatic: true });
  expect(refused?.error?.code).toBe("EPOCH_TOO_NEW");

  const { out, err } = await done("upgrade");
  expect(out).toMatch(/^echo +1\.0\.0 +1\.1\.0 +upgraded$/m);
  expect(err).toMatch(/^Warning: The registry mine changed its keys \d+ \w+ ago/m);
});
