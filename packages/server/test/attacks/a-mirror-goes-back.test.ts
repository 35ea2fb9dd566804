import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { beforeEach, expect, test } from "vitest";
import { done, exported, installedOn, publish, twoServers } from "../lockfile/two-servers.ts";

const servers = twoServers();
let newer: string;
let older: string;
beforeEach(async () => {
  const { first } = servers;
  [newer, older] = ["newer", "older"].map((name) => path.join(first.folder, name)) as [string, string];
  await done(first, "mirror", "older", "--all");
  await publish(servers, "1.0.0", "1.1.0", "1.2.0");
  await done(first, "mirror", "newer", "--all");
});

test("a server that knows the newer mirror refuses the older one, and keeps what it accepted", async () => {
  const { second } = servers;
  const stick = path.join(second.folder, "stick");
  await cp(newer, stick, { recursive: true });
  await done(second, "registry", "add", stick);
  await rm(stick, { recursive: true });
  await cp(older, stick, { recursive: true });
  const { code, err } = await second.run("registry", "refresh", "stick");
  expect([code, err]).toEqual([1, expect.stringContaining("shows an earlier head than the accepted one")]);
  const [{ trust }] = (await done(second, "registry", "list", "--json")).json;
  expect(trust.sequence).toBe(2);
});

test("a server that knows neither refuses a mirror below the head of the lock file, and adds nothing", async () => {
  const { first, second } = servers;
  await done(first, "install", "echo", "--version", "1.0.0", "--yes");
  const lock = await exported(first);
  await rm(servers.mine, { recursive: true });
  await cp(older, servers.mine, { recursive: true });
  const { code, err } = await second.run("sync", lock, "--yes");
  expect([code, err]).toEqual([
    1,
    expect.stringContaining(
      'The registry "Mine" went back: here it shows epoch 1, head 1, and the lock file was made with epoch 1, head 2',
    ),
  ]);
  expect(await installedOn(second)).toEqual({});
  expect((await done(second, "registry", "list", "--json")).json).toEqual([]);
});

test("a server behind another one does not write an older mirror over its newer one", async () => {
  const { second } = servers;
  const copy = path.join(second.folder, "copy");
  await cp(older, copy, { recursive: true });
  await done(second, "registry", "add", copy);
  const { code, err } = await second.run("mirror", newer, "--all");
  expect([code, err]).toEqual([
    1,
    expect.stringContaining("has a newer head (2) than this server accepts (1)"),
  ]);
});
