import { cp, mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { verifyHead } from "@hitagi/trust";
import { afterEach, beforeEach, expect, test } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

const ORIGIN = "example.org/mine";
const HEX = /[0-9a-f]{64}/;
/** The words of a fingerprint. */
const WORDS = /^[a-z]+(?: [a-z]+){11}$/m;

let world: World;
let mine: string;
beforeEach(async () => {
  world = await openCliWorld();
  mine = path.join(world.folder, "mine");
  await mkdir(mine);
  await writeRegistry(mine, [offered("echo", ["1.0.0"])]);
});
afterEach(() => world.close());

const ran = async (...argv: string[]) => {
  const { code, out, err } = await world.run(...argv);
  expect(code, `${argv.join(" ")}: ${err}`).toBe(0);
  return out;
};

/** Signs the folder with keys of their own, as one keeper does. */
const sign = async (key: string) => {
  await ran("registry", "keygen", "--origin", ORIGIN, "--out", key, "--recovery-out", `${key}.paper`);
  await ran("registry", "sign", "mine", "--key", key);
};

test("a registry that is signed shows its fingerprint when it is added, and its state in the list", async () => {
  await sign("a.key");
  const added = await ran("registry", "add", "./mine");
  expect(added).toContain(`Signed as ${ORIGIN}: head 1 of epoch 1`);
  expect(added).toMatch(HEX);
  const [, row = ""] = (await ran("registry", "list")).split("\n");
  expect(row).toMatch(/ signed \d+[smh] /);
  expect(await ran("registry", "evidence", "mine")).toMatch(/^None: /);
  expect(await ran("registry", "compare", "mine", "mine/registry.head")).toMatch(/^[Ss]ame\b/m);
});

test("a registry that must be signed need not be again, by the command that is named", async () => {
  await ran("registry", "add", "./mine");
  const trusted = async (option: string) => (await world.run("registry", "trust", "mine", option)).err;
  expect(await trusted("--require")).toMatch(/^To undo: `hitagi registry trust REG_\d+ --optional`$/m);
  expect(await ran("policy", "signatures")).toMatch(/^These must be +"mine"$/m);
  expect(await trusted("--require")).not.toContain("To undo");
  expect(await trusted("--optional")).toMatch(/^To undo: `hitagi registry trust REG_\d+ --require`$/m);
  expect(await ran("policy", "signatures")).toMatch(/^These must be +none$/m);
});

test("a registry is not added if its key is not the one that the owner was given", async () => {
  const given = "0".repeat(64);
  for (const shown of ["no signed head", "the recovery key with the fingerprint"]) {
    const { code, out, err } = await world.run("registry", "add", "./mine", "--fingerprint", given);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`The registry mine shows ${shown}`);
    expect(err).not.toContain("Added");
    expect((await world.run("registry", "list", "--json")).json).toEqual([]);
    if (shown === "no signed head") await sign("a.key");
  }
  const { json } = await world.run("registry", "test", "./mine", "--json");
  await ran("registry", "add", "./mine", "--fingerprint", json.identity.fingerprint);
});

test("a head to compare with comes from an address too, of which no more is read than a head may have", async () => {
  await sign("a.key");
  await ran("registry", "add", "./mine");
  const head = await readFile(path.join(mine, "registry.head"));
  const address = await httpServer(({ url }, response) => {
    response.statusCode = url === "/none" ? 404 : 200;
    response.end(url === "/huge" ? Buffer.alloc(1024 * 1024, "a") : head);
  });
  expect(await ran("registry", "compare", "mine", `${address}/head`)).toMatch(/^[Ss]ame\b/m);
  for (const [name, reason] of [
    ["none", "the answer has the status 404"],
    ["huge", "it is larger than 131072 bytes"],
  ]) {
    const { code, err } = await world.run("registry", "compare", "mine", `${address}/${name}`);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining(`gave no head: ${reason}.\nhint: Another server`),
    ]);
  }
});

test("the hint of a fork writes both signed heads to a file, from which anyone can verify them", async () => {
  await sign("a.key");
  const other = path.join(world.folder, "other");
  await cp(mine, other, { recursive: true });
  const publish = async (folder: string, version: string) => {
    await writeRegistry(folder, [offered("echo", ["1.0.0", version])]);
    await ran("registry", "sign", folder, "--key", "a.key");
    return readFile(path.join(folder, "registry.head"), "utf8");
  };
  const heads = [await publish(mine, "1.1.0"), await publish(other, "1.2.0")];
  await ran("registry", "add", "./mine");
  await rm(mine, { recursive: true });
  await cp(other, mine, { recursive: true });
  const { code, err, out } = await world.run("registry", "refresh", "mine");
  const [, command = ""] = /`hitagi (registry evidence [^`]+)`/.exec(err + out) ?? [];
  expect([code, command]).toEqual([1, expect.stringMatching(/^registry evidence REG_\d+ --out /)]);
  const [file = ""] = command.split(" ").slice(-1);
  const shown = await ran(...command.split(" "));
  expect(shown).toMatch(/^Pairs +1$/m);
  const written = await readFile(path.join(world.folder, file), "utf8");
  const [about, ...rest] = written.split(/^# the (?:accepted|other) head\n/m);
  expect(about).toMatch(/^# HEAD_FORKED, found 20\S+Z\./);
  expect(rest).toEqual(heads);
  const [ours, theirs] = rest.map((note) => verifyHead(Buffer.from(note)));
  expect([ours?.sequence, theirs?.sequence]).toEqual([2, 2]);
  expect(ours?.index).not.toBe(theirs?.index);
  // No file is written over.
  expect((await world.run(...command.split(" "))).code).toBe(1);
  expect(await readFile(path.join(world.folder, file), "utf8")).toBe(written);
});

test("another recovery key is taken only by the owner's word, with both fingerprints shown", async () => {
  await sign("a.key");
  await ran("registry", "add", "./mine");
  const old = path.join(world.folder, "old");
  await cp(mine, old, { recursive: true });
  await rm(path.join(mine, "registry.head"));
  await rm(path.join(mine, "registry.versions.json"), { force: true });
  await sign("b.key");
  const refused = await world.run("registry", "refresh", "mine");
  expect([refused.code, refused.out + refused.err]).toEqual([
    1,
    expect.stringContaining("another recovery key"),
  ]);

  const asked = await world.run("registry", "trust", "mine");
  const shown = (asked.out + asked.err).split("\n");
  expect([asked.code, shown.slice(0, 2)]).toEqual([1, ["Pinned now:", ORIGIN]]);
  expect(shown.filter((line) => HEX.test(line))).toHaveLength(2);
  expect(shown.filter((line) => WORDS.test(line))).toHaveLength(2);
  expect(asked.err).toMatch(/^hint: Repeat the command with --yes to trust it\.$/m);

  const trusted = await ran("registry", "trust", "mine", "--yes");
  expect(trusted).toContain(`Signed as ${ORIGIN}`);
  await ran("registry", "refresh", "mine");
  const { json } = await world.run("registry", "compare", "mine", path.join(old, "registry.head"), "--json");
  expect(json).toEqual({ relation: "other-registry" });
});

test("of an unsigned registry each line stands by itself, and there is no key to trust", async () => {
  await ran("registry", "add", "./mine");
  const { code, out, err } = await world.run("registry", "trust", "mine");
  expect([code, (out + err).split("\n").slice(0, 5)]).toEqual([
    1,
    ["Pinned now:", "none: it is not signed", "", "Shown by its address:", "none: it is not signed"],
  ]);
  expect(err).toContain("so there is no key to trust");
});

test("a plugin that a new epoch of its registry leaves out is quarantined as withdrawn, and is not enabled again", async () => {
  await sign("a.key");
  await ran("registry", "add", "./mine");
  await ran("install", "echo");
  await rm(path.join(mine, "plugins"), { recursive: true, force: true });
  await writeRegistry(mine, [offered("other", ["1.0.0"])]);
  await ran("registry", "recover", "mine", "--recovery", "a.key.paper", "--out", "b.key");
  await ran("registry", "refresh", "mine");
  const { json } = await world.run("info", "echo", "--json");
  expect(json.installed).toMatchObject({
    health: { state: "quarantined", cause: "withdrawn" },
    trust: { state: "withdrawn" },
  });
  expect(await ran("info", "echo")).toMatch(/^Trust +withdrawn: "Withdrawn by the keeper: .*"$/m);
  const { err } = await world.run("run", "echo");
  expect(err).toContain("hint: Its registry no longer has this version.");
  await world.server.services.plugins.configure("echo" as never, { enabled: true }).catch(() => {});
  const listed = await world.run("list");
  expect(listed.out).toMatch(/^echo +script +1\.0\.0 +withdrawn +quarantined +mine /m);
  expect(listed.err).toMatch(
    /^echo is quarantined: "Withdrawn by the keeper: .*"\nhint: Its registry no longer has this version\./m,
  );
});

test("an installed version whose bytes a new epoch changes is quarantined, and what kept its bytes is not", async () => {
  await writeRegistry(mine, [offered("echo", ["1.0.0"]), offered("other", ["1.0.0"])]);
  await sign("a.key");
  await ran("registry", "add", "./mine");
  for (const namespace of ["echo", "other"]) await ran("install", namespace);
  const changed = offered("echo", ["1.0.0"], { atLoad: "// other bytes" });
  await writeRegistry(mine, [changed, offered("other", ["1.0.0"])]);
  await ran("registry", "recover", "mine", "--recovery", "a.key.paper", "--out", "b.key");
  await ran("registry", "refresh", "mine");
  const installed = async (namespace: string) =>
    (await world.run("info", namespace, "--json")).json.installed as unknown;
  const withdrawn = { health: { state: "quarantined", cause: "withdrawn" }, trust: { state: "withdrawn" } };
  expect(await installed("echo")).toMatchObject({ version: "1.0.0", ...withdrawn });
  expect(await installed("other")).toMatchObject({ health: { state: "ok" }, trust: { state: "signed" } });
  expect((await world.run("run", "echo")).code).toBe(1);
});

test("a plugin of a signed registry that was removed is not replaced by an unsigned copy, until its owner says so", async () => {
  const copy = path.join(world.folder, "copy");
  await cp(mine, copy, { recursive: true });
  await sign("a.key");
  await ran("registry", "add", "./mine");
  await ran("install", "echo");
  await ran("registry", "remove", "mine", "--yes");
  await ran("registry", "add", "./copy");
  const refused = await world.run("install", "echo", "--force");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringContaining("echo is installed from a signed registry, and copy is not signed."),
  ]);
  await ran("install", "echo", "--force", "--accept-unsigned");
  expect((await world.run("info", "echo", "--json")).json.installed.trust.state).toBe("unsigned");
});

test("no rollback puts back a version that a new epoch left out, until the owner allows it", async () => {
  await writeRegistry(mine, [offered("echo", ["1.0.0", "1.1.0"])]);
  await sign("a.key");
  await ran("registry", "add", "./mine");
  await ran("install", "echo", "--version", "1.0.0");
  await ran("upgrade", "echo");
  await rm(path.join(mine, "plugins"), { recursive: true, force: true });
  await writeRegistry(mine, [offered("echo", ["1.0.0"])]);
  await ran("registry", "recover", "mine", "--recovery", "a.key.paper", "--out", "b.key");
  await ran("registry", "refresh", "mine");
  const back = await world.run("rollback", "echo");
  expect([back.code, back.out, back.err]).toEqual([0, "echo is now at 1.0.0.\n", ""]);
  const refused = await world.run("rollback", "echo", "1.1.0");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("does not have this version");
  expect((await world.run("rollback", "echo", "--list")).out).toMatch(/^1\.1\.0 .*withdrawn$/m);
  await ran("policy", "blocks", "allow", "echo");
  await ran("rollback", "echo", "1.1.0");
  expect((await world.run("info", "echo", "--json")).json.installed.version).toBe("1.1.0");
});

test("each plugin's row shows how far it is vouched for, and its description why", async () => {
  await ran("registry", "add", "./mine");
  await ran("install", "echo");
  const rowOf = async (namespace: string) =>
    (await ran("list")).split("\n").find((line) => line.startsWith(`${namespace} `));
  expect(await rowOf("echo")).toMatch(/^echo +script +1\.0\.0 +unsigned +ok +mine /);
  expect(await rowOf("comic-info")).toMatch(/ local +disabled +builtin /);
  expect(await ran("info", "echo")).toMatch(/^Trust +unsigned: Its registry does not sign this file\.$/m);
  await sign("a.key");
  await ran("registry", "refresh", "mine");
  expect(await rowOf("echo")).toMatch(/^echo +script +1\.0\.0 +signed +ok +mine /);
  expect(await ran("info", "echo")).toMatch(/^Trust +signed: Its registry's keeper signed this file\.$/m);
});
