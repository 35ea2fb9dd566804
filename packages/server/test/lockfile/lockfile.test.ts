import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { SyncPlan } from "@hitagi/contract";
import { describe, expect, it, test } from "vitest";
import { tagRules } from "../../src/policy/tags.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import {
  changeLock,
  done,
  echoText,
  exported,
  installedOn,
  publish,
  published,
  twoServers,
} from "./two-servers.ts";

const servers = twoServers();

/** A set with all that a lock file has of a plugin. */
const setUp = async () => {
  const { first } = servers;
  await done(first, "install", "echo", "--version", "1.0.0", "--yes");
  await done(first, "install", "plain", "--yes");
  await done(first, "settings", "echo", "word=mine", "key=hunter2");
  await done(first, "grant", "echo", "--net", "api.example.org");
  await done(first, "hold", "echo", "--note", "1.1 is slow");
  await done(first, "enable", "echo");
};

describe("hitagi export", () => {
  it("writes registries with their keys and heads, and plugins with all but their secrets, the same each time", async () => {
    await setUp();
    const file = await exported(servers.first);
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("hunter2");
    const { registries, plugins } = JSON.parse(text);
    expect(registries).toEqual({
      Mine: {
        ...{ provider: "local", path: servers.mine, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
        head: { epoch: 1, sequence: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    });
    expect(Object.keys(plugins)).toEqual(["echo", "plain"]);
    expect(plugins.echo).toEqual({
      ...{
        origin: "managed",
        registry: "Mine",
        version: "1.0.0",
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      granted: { net: ["api.example.org"] },
      ...{ enabled: true, hidden: false, priority: expect.any(Number) },
      hold: { at: "1.0.0", note: "1.1 is slow" },
      settings: { word: "mine" },
      secrets: ["key"],
    });
    expect(await readFile(await exported(servers.first, "again.lock"), "utf8")).toBe(text);
    expect((await done(servers.first, "export", "-")).out).toBe(text);
  });
});

test("a file that has something else than this server is replaced only with --yes", async () => {
  const { first } = servers;
  const file = path.join(first.folder, "mine.lock");
  const lock = JSON.parse((await done(first, "export", "-")).out);
  // As an export writes it, with a change by hand.
  const edited = `${JSON.stringify({ ...lock, registries: {} }, null, 2)}\n`;
  for (const mine of ["my notes\n", '{"lockfile":1}', edited]) {
    await writeFile(file, mine);
    const refused = await first.run("export", "mine.lock");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("with --yes to replace it")]);
    expect(await readFile(file, "utf8")).toBe(mine);
    await done(first, "export", "mine.lock", "--yes");
    await done(first, "export", "mine.lock");
  }
});

describe("hitagi sync", () => {
  it("makes another server the same, and has nothing to do the second time", async () => {
    await setUp();
    const { first, second } = servers;
    const lock = await exported(first);
    const shown = await done(second, "sync", lock, "--dry-run");
    expect(shown.out).toContain("Nothing was changed.");
    expect(await installedOn(second)).toEqual({});
    const asked = await second.run("sync", lock);
    expect([asked.code, asked.err]).toEqual([1, expect.stringContaining("Repeat the command with --yes")]);

    const synced = await done(second, "sync", lock, "--yes");
    expect(synced.out).toBe("2 plugins were changed.\n");
    expect(synced.err).toContain("`hitagi settings echo key=…`");
    const there = await exported(second);
    await done(second, "settings", "echo", "key=hunter3");
    const [one, other] = await Promise.all(
      [lock, await exported(second)].map((file) => readFile(file, "utf8")),
    );
    expect(other).toBe(one);
    const again = await done(second, "sync", there, "--json");
    expect(again.json).toMatchObject({ applied: false, plan: { done: true, same: 2, plugins: [] } });
    expect((await done(first, "sync", lock)).out).toBe(
      "There is nothing to do: all is as the lock file says.\n",
    );
  });

  it("takes the conditions of the chain along", async () => {
    const { first, second } = servers;
    await done(first, "install", "echo", "--version", "1.0.0", "--yes");
    await done(first, "enable", "echo");
    const { chain } = first.server.services;
    const { steps } = await chain.show();
    const asked = steps.map(({ plugin }) =>
      plugin === "echo" ? { plugin, when: { nothing_found: true as const }, ends_on_hit: true } : { plugin },
    );
    await chain.replace(asked, undefined);
    const lock = await exported(first);
    const shown = await done(second, "sync", lock, "--dry-run", "--json");
    expect(shown.json.plan.plugins[0].fields).toContainEqual({
      ...{ field: "chain", from: null },
      to: '{"when":{"nothing_found":true},"ends_on_hit":true}',
    });
    await done(second, "sync", lock, "--yes");
    expect((await second.server.services.chain.show()).steps).toContainEqual(
      expect.objectContaining({ plugin: "echo", when: { nothing_found: true }, ends_on_hit: true }),
    );
    expect(await readFile(await exported(second), "utf8")).toBe(await readFile(lock, "utf8"));
  });

  it("takes the field policy and the tag rules along, shows what changes, and leaves them without such in the file", async () => {
    const { first, second } = servers;
    const { documents } = second.server.services;
    await done(first, "policy", "fields", "set", "title=never", "tags:artist=if-empty");
    await first.server.services.policy.changeTags({ text: "-gone\nold -> new" });
    await second.server.services.policy.changeTags({ text: "mine -> yours\nold -> new", enabled: false });
    const lock = await exported(first);
    const { json } = await done(second, "sync", lock, "--dry-run", "--json");
    expect(json.plan.policies).toEqual([
      {
        ...{ policy: "fields", removed: [] },
        added: ["all plugins: title never", "all plugins: tags:artist if-empty"],
      },
      { policy: "tags", removed: ["mine -> yours", "(off)"], added: ["-gone"] },
    ]);
    const shown = await done(second, "sync", lock, "--dry-run");
    expect(shown.out).toContain("tag rules: - mine -> yours\ntag rules: - (off)\ntag rules: + -gone\n");
    const synced = await done(second, "sync", lock, "--yes");
    expect(synced.out).toContain("The rules for what plugins may write are those of the lock file.");
    expect(await readFile(await exported(second), "utf8")).toBe(await readFile(lock, "utf8"));
    expect((await done(second, "sync", lock, "--json")).json.plan.done).toBe(true);
    await changeLock(lock, (file) => {
      file.policies = undefined;
    });
    expect((await done(second, "sync", lock, "--json")).json.plan.done).toBe(true);
    await second.server.services.policy.changeTags({ undo: true });
    const { value } = await documents.read(tagRules);
    expect(value).toMatchObject({ text: "mine -> yours\nold -> new", enabled: false });
  });

  it("leaves and lists what is not in the lock file, and removes it with --prune only", async () => {
    const { first, second } = servers;
    await done(first, "install", "plain", "--yes");
    const lock = await exported(first);
    await writeFile(path.join(second.folder, "echo.ts"), echoText("0.9.0"));
    await done(second, "sideload", "echo.ts");
    const synced = await done(second, "sync", lock, "--yes");
    expect(synced.err).toContain("Not in the lock file, and left: echo 0.9.0. --prune removes it.");
    expect(await installedOn(second)).toEqual({ echo: "0.9.0", plain: "1.0.0" });
    await done(second, "sync", lock, "--prune", "--yes");
    expect(await installedOn(second)).toEqual({ plain: "1.0.0" });
  });

  it("goes back to an earlier version, hold and settings, as the lock file has them", async () => {
    const { first } = servers;
    await setUp();
    const lock = await exported(first);
    await done(first, "unhold", "echo");
    await done(first, "upgrade", "echo");
    await done(first, "hold", "echo");
    await done(first, "settings", "echo", "word=other");
    const { json } = await done(first, "sync", lock, "--yes", "--json");
    expect(json.plan.plugins).toMatchObject([
      { namespace: "echo", action: "downgrade", from: "1.1.0", to: "1.0.0" },
    ]);
    expect(await readFile(await exported(first, "after.lock"), "utf8")).toBe(await readFile(lock, "utf8"));
  });

  it("undoes all of it if one step fails, and removes the registry that it added", async () => {
    const { first, second, mine } = servers;
    await setUp();
    const lock = await exported(first);
    // It fails when it is granted, after both plugins are installed.
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.granted.files = [path.join(first.folder, "nothing")];
    });
    const failed = await second.run("sync", lock, "--yes");
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining("cannot be granted")]);
    expect(await installedOn(second)).toEqual({});
    expect((await done(second, "registry", "list", "--json")).json).toEqual([]);

    await done(second, "registry", "add", mine, "--name", "Here");
    await done(second, "install", "echo", "--version", "1.1.0", "--yes");
    await done(second, "settings", "echo", "word=kept", "key=secret");
    const before = await readFile(await exported(second, "before.lock"), "utf8");
    expect((await second.run("sync", lock, "--yes")).code).toBe(1);
    expect(await readFile(await exported(second, "after.lock"), "utf8")).toBe(before);
  });

  it("refuses what the owner's policy refuses, before anything changes", async () => {
    const { first, second } = servers;
    await setUp();
    const lock = await exported(first);
    await done(second, "policy", "installs", "set", "types=script");
    const refused = await second.run("sync", lock, "--yes");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("metadata")]);
    expect(await installedOn(second)).toEqual({});
  });

  it("wants the file of a plugin that is of no registry, and restores it where it was installed before", async () => {
    const { first, second } = servers;
    await writeFile(path.join(first.folder, "echo.ts"), echoText("0.9.0"));
    await done(first, "sideload", "echo.ts");
    const lock = await exported(first);
    const refused = await second.run("sync", lock, "--yes");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("its file is not kept here")]);
    await done(first, "uninstall", "echo", "--yes");
    await done(first, "sync", lock, "--yes");
    expect(await installedOn(first)).toEqual({ echo: "0.9.0" });
  });

  it("grants a restored plugin nothing that it does not ask for", async () => {
    const { first } = servers;
    await writeFile(path.join(first.folder, "echo.ts"), echoText("0.9.0"));
    await done(first, "sideload", "echo.ts");
    const lock = await exported(first);
    await done(first, "uninstall", "echo", "--yes");
    const granted = [{ net: ["evil.example.net"] }, { library: "write" }, { files: [first.folder] }];
    for (const permissions of granted) {
      await changeLock(lock, ({ plugins }) => {
        plugins.echo.granted = permissions;
      });
      const refused = await first.run("sync", lock, "--yes");
      expect(refused.code, JSON.stringify(permissions)).toBe(1);
      expect(await installedOn(first)).toEqual({});
    }
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.granted = { net: ["api.example.org"] };
    });
    await done(first, "sync", lock, "--yes");
    const { json } = await done(first, "info", "echo", "--json");
    expect(json.installed.granted).toEqual({ net: ["api.example.org"] });
  });

  it("sets no secret", async () => {
    const { first } = servers;
    await setUp();
    const lock = await exported(first);
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.settings = { word: "changed", key: "planted" };
    });
    const refused = await first.run("sync", lock, "--yes");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("echo's setting key")]);
    const { json } = await done(first, "settings", "echo", "--json");
    expect(JSON.stringify(json)).toContain('"value":"mine"');
  });

  it("shows in the plan what is against the fields of a plugin whose version stays", async () => {
    const { first } = servers;
    await setUp();
    const lock = await exported(first);
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.granted = { net: ["evil.example.net"], library: "write" };
      plugins.echo.settings = { word: "changed", key: "planted", unknown: "x" };
    });
    const { json } = await first.run("sync", lock, "--dry-run", "--json");
    const [echo] = json.plan.plugins;
    expect(echo.conflicts.map(({ code }: { code: string }) => code)).toEqual([
      "PERMISSION_NOT_ASKED",
      "VALIDATION_FAILED",
      "SETTING_UNKNOWN",
    ]);
  });

  it("shows in the plan what is against a version that is installed or restored", async () => {
    const { first, second, mine } = servers;
    await setUp();
    const lock = await exported(first);
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.settings = { word: 7, key: "planted", unknown: "x" };
    });
    await done(second, "registry", "add", mine, "--name", "Here");
    const codes = async (world: typeof first, file: string) => {
      const { json } = await world.run("sync", file, "--dry-run", "--json");
      return json.plan.plugins[0].conflicts.map(({ code }: { code: string }) => code);
    };
    const settings = ["VALIDATION_FAILED", "SETTING_INVALID", "SETTING_UNKNOWN"];
    expect(await codes(second, lock)).toEqual(settings);

    await writeFile(path.join(second.folder, "echo.ts"), echoText("0.9.0"));
    await done(second, "sideload", "echo.ts");
    const own = await exported(second, "own.lock");
    await done(second, "uninstall", "echo", "--yes");
    await changeLock(own, ({ plugins }) => {
      plugins.echo.settings = { word: 7, key: "planted", unknown: "x" };
      plugins.echo.granted = { library: "write" };
    });
    await done(second, "policy", "installs", "set", "types=script");
    expect(await codes(second, own)).toEqual(["TYPE_NOT_ALLOWED", "PERMISSION_NOT_ASKED", ...settings]);
  });

  it("shows in the plan what is against a registry that is to be added, and adds none", async () => {
    const { first, second, mine } = servers;
    await setUp();
    const lock = await exported(first);
    const codes = async () => {
      const { json } = await second.run("sync", lock, "--dry-run", "--json");
      const { registries, plugins } = json.plan as SyncPlan;
      return [...registries, ...plugins].flatMap(({ conflicts }) => conflicts.map(({ code }) => code));
    };
    expect(await codes()).toEqual([]);
    await done(second, "policy", "installs", "set", "types=script");
    expect(await codes()).toEqual(["TYPE_NOT_ALLOWED"]);
    await done(second, "policy", "installs", "set", "types=any", "runtimes=none");
    expect(await codes()).toEqual(["RUNTIME_NOT_ALLOWED", "RUNTIME_NOT_ALLOWED"]);
    await done(second, "policy", "installs", "set", "runtimes=any");
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.settings = { word: 7, key: "planted", unknown: "x" };
      plugins.echo.granted = { library: "write" };
    });
    // The second server loads the file, which it does not have, to say so.
    const settings = ["VALIDATION_FAILED", "SETTING_INVALID", "SETTING_UNKNOWN"];
    expect(await codes()).toEqual(["PERMISSION_NOT_ASKED", ...settings]);
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.settings = {};
      plugins.echo.granted = {};
    });
    expect(await codes()).toEqual([]);
    const file = path.join(mine, "plugins/plain/1.0.0/plain.ts");
    await writeFile(file, (await readFile(file, "utf8")).replace("return 1", "return 2"));
    expect(await codes()).toEqual(["HASH_MISMATCH"]);
    await changeLock(lock, ({ plugins }) => {
      plugins.plain.sha256 = "0".repeat(64);
    });
    expect(await codes()).toEqual(["LOCK_HASH_DIFFERS"]);
    await done(
      first,
      "registry",
      "yank",
      "echo",
      "1.0.0",
      "--reason",
      "It deletes tags.",
      "--dir",
      "mine",
      "--yes",
    );
    await done(first, "registry", "sign", "mine", "--key", "a.key");
    expect(await codes()).toEqual(["VERSION_WITHDRAWN", "LOCK_HASH_DIFFERS"]);
    await changeLock(lock, ({ registries }) => {
      registries.Mine.fingerprint = "0".repeat(64);
    });
    expect(await codes()).toEqual(["RECOVERY_KEY_CHANGED"]);
    await rm(mine, { recursive: true });
    expect(await codes()).toEqual([expect.stringMatching(/^SOURCE_/)]);
    expect((await done(second, "registry", "list", "--json")).json).toEqual([]);
  });

  it("shows in the plan what is against a plugin of an index that would be generated", async () => {
    const { first, second } = servers;
    const folder = path.join(first.folder, "files");
    await mkdir(folder);
    await writeFile(path.join(folder, "echo.ts"), echoText("1.0.0"));
    await done(first, "registry", "add", folder, "--name", "Files", "--generate-index");
    await done(first, "install", "echo", "--registry", "Files", "--yes");
    const lock = await exported(first);
    await changeLock(lock, ({ registries }) => {
      delete registries.Mine;
    });
    const codes = async () => {
      const { json } = await second.run("sync", lock, "--dry-run", "--json");
      const { registries, plugins } = json.plan as SyncPlan;
      return [...registries, ...plugins].flatMap(({ conflicts }) => conflicts.map(({ code }) => code));
    };
    expect(await codes()).toEqual([]);
    await done(second, "policy", "installs", "set", "unsigned=off");
    expect(await codes()).toEqual(["UNSIGNED_NOT_ALLOWED"]);
    await done(second, "policy", "installs", "set", "unsigned=on");
    await changeLock(lock, ({ plugins }) => {
      plugins.echo.granted = { library: "write" };
    });
    expect(await codes()).toEqual(["PERMISSION_NOT_ASKED"]);
    await writeFile(path.join(folder, "echo.ts"), echoText("1.1.0"));
    expect(await codes()).toEqual(["VERSION_NOT_FOUND"]);
    expect((await done(second, "registry", "list", "--json")).json).toEqual([]);
  });

  it("says from where to where it replaces a plugin of another source", async () => {
    const { first, second } = servers;
    await done(first, "install", "echo", "--version", "1.0.0", "--yes");
    const lock = await exported(first);
    await writeFile(path.join(second.folder, "echo.ts"), echoText("0.9.0"));
    await done(second, "sideload", "echo.ts");
    await done(second, "registry", "add", servers.mine, "--name", "Here");
    const { out } = await done(second, "sync", lock, "--dry-run");
    expect(out).toContain("echo 0.9.0 (sideloaded) is replaced by the one of another source (from Mine).");
  });

  it("says what is wrong with a file that is no lock file", async () => {
    const { second } = servers;
    await writeFile(path.join(second.folder, "no.lock"), '{"lockfile":2}');
    const refused = await second.run("sync", "no.lock");
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("no.lock is no lock file")]);
    expect((await second.run("sync", "none.lock")).code).toBe(2);
  });
});

describe("hitagi mirror", () => {
  it("makes a folder that is a registry, from which another server syncs without the original", async () => {
    const { first, second, mine } = servers;
    await setUp();
    const lock = await exported(first);
    const stick = path.join(first.folder, "stick");
    const made = await done(first, "mirror", "stick");
    expect(made.out).toContain("Mirrored Mine to stick: 2 plugin files copied, 0 there already, at head 1.");
    await rm(mine, { recursive: true });
    await done(second, "registry", "add", stick);
    await done(second, "sync", lock, "--yes");
    expect(await installedOn(second)).toEqual({ echo: "1.0.0", plain: "1.0.0" });

    const missing = await second.run("upgrade", "echo");
    expect(missing.err).toContain("held");
    const absent = await second.run("install", "echo", "--version", "1.1.0", "--yes");
    await done(second, "unhold", "echo");
    const notThere = await second.run("install", "echo", "--version", "1.1.0", "--yes");
    expect([absent.code, notThere.code, notThere.err]).toEqual([
      1,
      1,
      expect.stringContaining("plugins/echo/1.1.0/echo.ts is not in this mirror of"),
    ]);
  });

  it("of an unsigned registry is taken in its place where it is named", async () => {
    const { first, second } = servers;
    const open = path.join(first.folder, "open");
    await mkdir(open);
    await writeRegistry(open, published("1.0.0"));
    await done(first, "registry", "add", "./open", "--name", "Open");
    await done(first, "install", "plain", "--registry", "Open", "--yes");
    await done(first, "mirror", "stick", "--registry", "Open");
    const lock = await exported(first);
    await rm(open, { recursive: true });
    await done(second, "registry", "add", path.join(first.folder, "stick"), "--name", "Stick");
    const unknown = await second.run("sync", lock, "--registry", "Closed=Stick");
    expect([unknown.code, unknown.err]).toEqual([
      2,
      expect.stringContaining("The lock file has: Mine, Open."),
    ]);
    const gone = await second.run("sync", lock, "--yes");
    expect([gone.code, gone.err]).toEqual([1, expect.stringContaining("its folder does not exist")]);
    await done(second, "sync", lock, "--registry", "Open=Stick", "--yes");
    expect(await installedOn(second)).toEqual({ plain: "1.0.0" });
  });

  it("copies only what is new, and writes into no folder of another registry", async () => {
    const { first } = servers;
    await done(first, "mirror", "stick", "plain");
    const again = await done(first, "mirror", "stick", "plain", "echo", "--json");
    expect(again.json).toMatchObject({ copied: 2, there: 1, head: { epoch: 1, sequence: 1 } });
    await publish(servers, "1.0.0", "1.1.0", "1.2.0");
    const newer = await done(first, "mirror", "stick", "--all", "--json");
    expect(newer.json).toMatchObject({ copied: 1, there: 3, head: { epoch: 1, sequence: 2 } });
    const refused = await first.run("mirror", "mine");
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining("holds a registry that is no mirror"),
    ]);
    await writeFile(path.join(first.folder, "stick", "registry.mirror.json"), "{");
    const broken = await first.run("mirror", "stick");
    expect([broken.code, broken.err]).toEqual([
      1,
      expect.stringContaining("registry.mirror.json that cannot be read"),
    ]);
    const unknown = await first.run("mirror", "stick", "nothing");
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("nothing")]);
  });
});
