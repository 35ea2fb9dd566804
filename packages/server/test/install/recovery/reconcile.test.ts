import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../src/disk/sha256.ts";
import { clientOf } from "../../store/redis/world.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import { bundleScript, startBundled } from "../../support/script.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { foldersOf } from "../compose.ts";
import { harness } from "../install-world.ts";
import { hashOf, kept, type RedisNode, source, startNode } from "./redis-node.ts";

/** Each version has a file name of its own, so that an upgrade moves the plugin. */
const offered = (namespace: string, versions: string[]) => ({
  namespace,
  type: "script" as const,
  versions: versions.map((version) => ({
    version,
    source: source(namespace, version),
    artifact: `plugins/${namespace}-${version.split(".")[0]}.ts`,
  })),
});

const script = path.join(import.meta.dirname, "scripts/reconcile-node.ts");

describe.skipIf(withoutRedis)("a server that starts on a store that others have changed", () => {
  const redis = sharedRedis();

  const node = (db: number, folder: string) => startNode(redis().address(db), folder);

  /** Two servers' data folders, with echo 1.0.0 installed on both, and a way to run the first once more. */
  const pair = async (db: number) => {
    const [a, b, at] = [await tempFolder(), await tempFolder(), await tempFolder()];
    await writeRegistry(at, [offered("echo", ["1.0.0", "2.0.0", "3.0.0"]), offered("other", ["1.0.0"])]);
    const first = await node(db, a);
    const registry = await first.addRegistry(at);
    await first.installer.install({ namespace: "echo", registry, version: "1.0.0" });
    await first.stop();
    await (await node(db, b)).stop();
    const onFirst = async (work: (server: RedisNode) => Promise<unknown>) => {
      const server = await node(db, a);
      await work(server);
      await server.stop();
    };
    return { a, b, registry, onFirst };
  };

  test("has the upgraded version at its new path, without the old file", async () => {
    const { b, registry, onFirst } = await pair(1);
    await onFirst(({ installer }) => installer.install({ namespace: "echo", registry, version: "2.0.0" }));
    const back = await node(1, b);
    expect(await back.files()).toEqual({ "Managed/Scripts/echo-2.ts": "ok" });
    expect(await back.use()).toEqual({ version: "2.0.0" });
    expect(back.lines.filter(({ namespace }) => namespace === "echo")).toHaveLength(2);
  });

  test("replaces a file with other bytes", async () => {
    const { b } = await pair(2);
    await writeFile(path.join(b, "plugins/Managed/Scripts/echo-1.ts"), source("echo", "0.0.1"));
    const back = await node(2, b);
    expect(await back.files()).toEqual({ "Managed/Scripts/echo-1.ts": "ok" });
    expect(await back.use()).toEqual({ version: "1.0.0" });
  });

  test("removes uninstalled files and unneeded artifacts, and keeps those for a rollback", async () => {
    const { b, registry, onFirst } = await pair(3);
    await onFirst(async ({ installer, store }) => {
      await installer.install({ namespace: "echo", registry, version: "2.0.0" });
      await installer.uninstall("echo");
      await store.plugins.prune("echo", 1);
    });
    expect(await kept(b)).toContain(hashOf("echo", "1.0.0"));
    const back = await node(3, b);
    expect(await back.files()).toEqual({});
    expect(await kept(b)).not.toContain(hashOf("echo", "1.0.0"));
    await back.installer.rollback("echo");
    expect(await back.use()).toEqual({ version: "2.0.0" });
  });

  test("removes a sideloaded file that was uninstalled elsewhere, and keeps one that the owner put there", async () => {
    const [a, b] = [await tempFolder(), await tempFolder()];
    const first = await node(4, a);
    await first.installer.sideload("up.ts", Buffer.from(source("up", "1.0.0")), true);
    await first.stop();
    await (await node(4, b)).stop();
    await writeFile(path.join(b, "plugins/Sideloaded/mine.ts"), source("mine", "1.0.0"));
    const again = await node(4, a);
    await again.installer.uninstall("up");
    await again.stop();
    for (const _ of ["first start", "second"]) {
      const back = await node(4, b);
      expect(await back.files()).toEqual({ "Sideloaded/mine.ts": "unrecorded" });
      expect(await back.use("mine")).toEqual({ version: "1.0.0" });
      expect(await clientOf(redis(), 4).keys("HITAGI:ARTIFACT:*")).toHaveLength(1);
      await back.stop();
    }
  });

  test("lists a plugin whose bytes no node has, with the reason, and does not uninstall it", async () => {
    const { a, b, registry, onFirst } = await pair(5);
    await onFirst(({ installer }) => installer.install({ namespace: "echo", registry, version: "2.0.0" }));
    await clientOf(redis(), 5).del(`HITAGI:ARTIFACT:${hashOf("echo", "2.0.0")}`);
    const back = await node(5, b);
    const { health, version } = await back.plugins.record("echo");
    expect({ health, version }).toMatchObject({
      health: {
        state: "missing",
        reason: expect.stringContaining("echo 2.0.0 is neither on this server nor"),
      },
      version: "2.0.0",
    });
    expect((await back.store.plugins.get("echo"))?.provenance?.version).toBe("2.0.0");
    await expect(back.use()).rejects.toThrow();
    await back.installer.install({ namespace: "echo", registry, version: "3.0.0" });
    expect(await back.use()).toEqual({ version: "3.0.0" });
    await back.stop();
    expect(await (await node(5, a)).use()).toEqual({ version: "3.0.0" });
  });

  test("says of a plugin whose bytes no node has why it does not run, where no newer version is offered", async () => {
    const { b, registry, onFirst } = await pair(9);
    await onFirst(({ installer }) => installer.install({ namespace: "echo", registry, version: "3.0.0" }));
    await clientOf(redis(), 9).del(`HITAGI:ARTIFACT:${hashOf("echo", "3.0.0")}`);
    const { installer } = await node(9, b);
    expect(await installer.upgrade([toNamespace("echo")], false)).toMatchObject([
      {
        ...{ namespace: "echo", from: "3.0.0", to: "3.0.0" },
        error: {
          code: "NO_UPDATE_BROKEN",
          message: "echo 3.0.0 is missing and does not run, and there is no newer version.",
          hint: expect.stringContaining("`hitagi reinstall echo`"),
        },
      },
    ]);
  });

  test("loses nothing by a start on another store", async () => {
    const { b } = await pair(6);
    const elsewhere = await node(7, b);
    expect(elsewhere.plugins.list("script").map(({ namespace }) => namespace)).not.toContain("echo");
    await elsewhere.stop();
    expect(await kept(b)).toContain(hashOf("echo", "1.0.0"));
    await clientOf(redis(), 6).del(`HITAGI:ARTIFACT:${hashOf("echo", "1.0.0")}`);
    const back = await node(6, b);
    expect(await back.files()).toEqual({ "Managed/Scripts/echo-1.ts": "ok" });
    expect(await back.use()).toEqual({ version: "1.0.0" });
  });

  test("agrees with the records in the end, however often it is killed", async () => {
    const [a, b, at] = [await tempFolder(), await tempFolder(), await tempFolder()];
    const names = Array.from({ length: 8 }, (_, i) => `echo${i}`);
    await writeRegistry(
      at,
      names.map((name) => offered(name, ["1.0.0", "2.0.0"])),
    );
    const first = await node(8, a);
    const registry = await first.addRegistry(at);
    for (const namespace of names) {
      await first.installer.install({ namespace: toNamespace(namespace), registry, version: "1.0.0" });
    }
    await first.stop();
    await cp(a, b, { recursive: true });
    const again = await node(8, a);
    for (const [i, namespace] of names.entries()) {
      if (i % 2 === 0)
        await again.installer.install({ namespace: toNamespace(namespace), registry, version: "2.0.0" });
      else await again.installer.uninstall(toNamespace(namespace));
    }
    const wanted = await again.files();
    expect(Object.keys(wanted)).toHaveLength(4);
    await again.stop();

    // The parts of an installer stand alone here; its folders are elsewhere than the server's.
    const folders = foldersOf(b);
    await mkdir(folders.staging, { recursive: true });
    const bundle = await bundleScript(script);
    const signals: unknown[] = [];
    const whole = names.flatMap((name) => [hashOf(name, "1.0.0"), hashOf(name, "2.0.0")]);
    for (const kill of ["1", "3", "2.5", "5.9", "4", "8"]) {
      const child = startBundled(bundle, [harness, b, redis().address(8), kill]);
      const [, signal] = (await child.ended) as [number | null, string | null];
      signals.push(signal);
      for (const file of await readdir(path.join(folders.plugins, "Managed/Scripts"))) {
        const bytes = await readFile(path.join(folders.plugins, "Managed/Scripts", file));
        expect(whole, "a file is whole at any time").toContain(sha256Of(bytes));
      }
    }
    expect(signals).toContain("SIGKILL");
    const back = await node(8, b);
    expect(await back.files()).toEqual(wanted);
    expect(await readdir(folders.journal)).toEqual([]);
    expect((await readdir(folders.staging)).filter((name) => name.endsWith(".staged"))).toEqual([]);
    expect(existsSync(path.join(b, "plugins/Managed/Scripts/echo1-1.ts"))).toBe(false);
    await rm(folders.staging, { recursive: true });
  });
});
