import { mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Client, createClient } from "@hitagi/contract";
import { describe, expect, it } from "vitest";
import { runCaptured } from "../cli/cli-world.ts";
import { startBundled } from "../support/script.ts";
import { bundleServer } from "../support/serve-process.ts";
import { filesIn, type Kept, serve, serveStocked } from "./backup-world.ts";
import { tarOf } from "./tarball.ts";

const WAITING = ".hitagi-waiting-restore";

const clientOf = async ({ data, server }: Kept, key?: string): Promise<Client> =>
  createClient(server.address, key ?? (await readFile(path.join(data, "api-key"), "utf8")));

const send = (client: Client, bytes: Buffer) =>
  client.uploadBackup({ file: new Blob([new Uint8Array(bytes)]), filename: "x.tar.gz" });

/** A server with version 1.6.0 of a plugin, and a backup of it with version 1.0.0. */
const withBackup = async (...options: string[]) => {
  const kept = await serveStocked();
  const made = await kept.run("backup", "x.tar.gz", ...options);
  expect(made.code, made.err).toBe(0);
  await kept.run("install", "one", "--version", "1.6.0");
  const backup = await readFile(path.join(kept.folder, "x.tar.gz"));
  return { ...kept, backup, client: await clientOf(kept) };
};

const versionOf = async ({ run }: Kept): Promise<string> => {
  const { json } = await run("list", "one", "--json");
  expect((await run("verify")).code).toBe(0);
  return json.version;
};

/** Starts the server anew on its data folder. */
const again = async ({ server, folder, data }: Kept) => {
  await server.stop();
  return serve(folder, data);
};

/** A command on the data folder, as on the server's machine. */
const onMachine = ({ folder, data }: Kept, ...argv: string[]) =>
  runCaptured(argv, { cwd: folder, env: { HITAGI_DATA: data } });

describe("a backup that is sent", () => {
  it("is restored at the next start once it is confirmed, and the undo at the one after that", async () => {
    const kept = await withBackup();
    const { client, backup } = kept;
    const sent = await send(client, backup);
    expect(sent).toMatchObject({ set_aside: [], other_servers: 0 });
    expect(sent.restore).toMatchObject({
      state: "checked",
      failure: null,
      backup: { hitagi: "0.1.0", size: backup.length, plugins: 1, archives: null, other_key: false },
    });
    expect(sent.restore?.backup?.foreign).toEqual({ count: 0, first: [] });
    expect((await client.confirmRestore({})).restore?.state).toBe("waiting");
    expect(await versionOf(kept)).toBe("1.6.0");

    const restored = await again(kept);
    expect(await versionOf(restored)).toBe("1.0.0");
    const after = await clientOf(restored);
    const changes = async (client: Client) =>
      (await client.listHistory({ query: { size: 200 } })).items.map(({ action, actor }) => [
        action,
        actor.kind,
      ]);
    expect(await changes(after)).toContainEqual(["restore_backup", "server"]);
    const state = await after.getRestore({});
    expect(state.restore).toBeNull();
    expect(state.set_aside).toEqual([expect.any(Number)]);
    expect(Math.abs((state.set_aside[0] ?? 0) - Date.now() / 1000)).toBeLessThan(3600);
    expect(await readdir(kept.data)).not.toContain(WAITING);

    const undo = await after.undoRestore({});
    expect(undo.restore).toMatchObject({ state: "waiting", backup: null });
    const undone = await again(restored);
    expect(await versionOf(undone)).toBe("1.6.0");
    const last = await clientOf(undone);
    expect(await changes(last)).toContainEqual(["revert_restore", "server"]);
    expect((await last.getRestore({})).set_aside).toHaveLength(1);
    await last.undoRestore({});
    expect(await last.discardSetAside({})).toMatchObject({ restore: null, set_aside: [] });
    await expect(last.undoRestore({})).rejects.toMatchObject({ code: "NOTHING_SET_ASIDE" });
  });

  it("that is not confirmed, or is cancelled, changes nothing and leaves nothing", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    const unconfirmed = await again(kept);
    expect(await versionOf(unconfirmed)).toBe("1.6.0");
    expect(await readdir(kept.data)).not.toContain(WAITING);
    const client = await clientOf(unconfirmed);
    await expect(client.confirmRestore({})).rejects.toMatchObject({ code: "NO_WAITING_RESTORE" });

    await send(client, kept.backup);
    await client.confirmRestore({});
    expect(await client.cancelRestore({})).toMatchObject({ restore: null });
    expect(await readdir(kept.data)).not.toContain(WAITING);
    expect(await versionOf(await again(unconfirmed))).toBe("1.6.0");
  });

  it("takes the place of one before, and a refused one leaves that one", async () => {
    const kept = await withBackup("--library");
    await send(kept.client, kept.backup);
    const first = await readdir(path.join(kept.data, WAITING));
    await send(kept.client, kept.backup);
    const second = await readdir(path.join(kept.data, WAITING));
    expect(second).toHaveLength(2);
    expect(second).not.toEqual(first);
    await expect(send(kept.client, tarOf([["readme.txt", "hello"]]))).rejects.toMatchObject({
      code: "BACKUP_INVALID",
    });
    expect(await readdir(path.join(kept.data, WAITING))).toEqual(second);
    expect((await kept.client.getRestore({})).restore?.backup?.archives).toBe(0);
  });

  it("needs a key with all rights", async () => {
    const kept = await withBackup();
    const { key } = await kept.client.createKey({ body: { name: "reader", scope: "use" } });
    const other = await clientOf(kept, key);
    await expect(send(other, kept.backup)).rejects.toMatchObject({ status: 403 });
    for (const call of [
      "getRestore",
      "confirmRestore",
      "undoRestore",
      "cancelRestore",
      "discardSetAside",
    ] as const)
      await expect(other[call]({}), call).rejects.toMatchObject({ status: 403 });
    expect(await readdir(kept.data)).not.toContain(WAITING);
  });
});

describe("on the machine", () => {
  it("the command line and doctor show what waits and take it back, while the server runs and while it is stopped", async () => {
    const kept = await withBackup();
    expect((await onMachine(kept, "restore", "--waiting")).out).toBe("No restore waits.\n");
    await send(kept.client, kept.backup);
    expect((await onMachine(kept, "restore", "--waiting")).out).toMatch(
      /^Sent and not confirmed: the backup of /,
    );
    await kept.client.confirmRestore({});
    const { findings } = await kept.client.examineServer({});
    const found = {
      check: "restore",
      state: "note",
      text: expect.stringContaining("when the server starts the next time"),
    };
    expect(findings).toContainEqual(expect.objectContaining(found));
    const cancelled = await onMachine(kept, "restore", "--cancel");
    expect(cancelled.out).toContain("The restore was cancelled");
    expect((await kept.client.getRestore({})).restore).toBeNull();

    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    const shown = await onMachine(kept, "restore", "--waiting", "--json");
    expect(shown.json.restore).toMatchObject({ state: "waiting", backup: { plugins: 1 } });
    expect((await onMachine(kept, "restore", "--cancel", "--json")).json.cancelled.state).toBe("waiting");
    expect(await versionOf(await serve(kept.folder, kept.data))).toBe("1.6.0");
  });

  it("a restore by the command line cancels what waits, and says so", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    const restored = await onMachine(kept, "restore", "x.tar.gz", "--force");
    expect(restored.out).toContain("The restore that waited for the next start was cancelled.");
    const started = await serve(kept.folder, kept.data);
    expect((await (await clientOf(started)).getRestore({})).set_aside).toHaveLength(1);
  });
});

describe("a restore that fails at the start", () => {
  it("changes nothing, says why, and is not tried again until it is confirmed again", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    const [name = ""] = (await readdir(path.join(kept.data, WAITING))).filter((one) => one.endsWith(".gz"));
    const file = path.join(kept.data, WAITING, name);
    await truncate(file, kept.backup.length - 100);
    const old = await filesIn(kept.data);

    const started = await serve(kept.folder, kept.data);
    expect(await versionOf(started)).toBe("1.6.0");
    expect(await filesIn(kept.data)).toMatchObject({ "api-key": old["api-key"] });
    const client = await clientOf(started);
    const { restore } = await client.getRestore({});
    expect(restore).toMatchObject({ state: "failed", failure: { code: "BACKUP_INVALID" } });
    const { findings } = await client.examineServer({});
    expect(findings).toContainEqual(expect.objectContaining({ check: "restore", state: "wrong" }));
    expect((await onMachine(kept, "restore", "--waiting")).out).toContain("This backup cannot be used");

    await writeFile(file, kept.backup);
    const untried = await again(started);
    expect(await versionOf(untried)).toBe("1.6.0");
    await (await clientOf(untried)).confirmRestore({});
    expect(await versionOf(await again(untried))).toBe("1.0.0");
  });

  it("or ends the process each time is given up after three starts", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    const child = await bundleServer(path.join(import.meta.dirname, "waiting-child.ts"));
    for (let times = 0; times < 3; times++) {
      const script = startBundled(child, [kept.data, "0"]);
      expect(await script.line()).toBe("stopped");
      await script.kill();
    }
    const started = await serve(kept.folder, kept.data);
    expect(await versionOf(started)).toBe("1.6.0");
    const { restore } = await (await clientOf(started)).getRestore({});
    expect(restore).toMatchObject({ state: "failed", failure: { code: "RESTORE_INTERRUPTED" } });
  });

  it("because its record is damaged is dropped", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    await writeFile(path.join(kept.data, WAITING, "restore.json"), '{"state":"waiting","file":"../../x"}');
    expect(await versionOf(await serve(kept.folder, kept.data))).toBe("1.6.0");
    expect(await readdir(kept.data)).not.toContain(WAITING);
  });
});

describe("killed at each step of a start", () => {
  it("the server has the old data or the new, and one undo puts the old back", async () => {
    const kept = await withBackup();
    await send(kept.client, kept.backup);
    await kept.client.confirmRestore({});
    await kept.server.stop();
    const waiting = path.join(kept.data, WAITING);
    const [name = ""] = (await readdir(waiting)).filter((one) => one.endsWith(".gz"));
    const record = await readFile(path.join(waiting, "restore.json"));
    const child = await bundleServer(path.join(import.meta.dirname, "waiting-child.ts"));
    let killed = 0;
    for (let step = 0; ; step++) {
      const script = startBundled(child, [kept.data, String(step)]);
      if ((await script.line()) === "ended") break;
      await script.kill();
      killed += 1;
      // Only every sixth, because each start of a server takes a second.
      if (step < 3 || step % 6 === 0) {
        const started = await serve(kept.folder, kept.data);
        expect(await versionOf(started), `step ${step}`).toBe("1.0.0");
        expect((await (await clientOf(started)).getRestore({})).restore).toBeNull();
        await started.server.stop();
      }
      const undone = await onMachine(kept, "restore", "--undo");
      expect(undone.code, `step ${step}: ${undone.err}`).toBe(0);
      expect((await onMachine(kept, "restore", "--discard", "--yes")).code).toBe(0);
      await rm(waiting, { recursive: true, force: true });
      await mkdir(waiting, { mode: 0o700 });
      await writeFile(path.join(waiting, name), kept.backup);
      await writeFile(path.join(waiting, "restore.json"), record);
    }
    expect(killed).toBeGreaterThan(6);
    const last = await serve(kept.folder, kept.data);
    expect(await versionOf(last)).toBe("1.0.0");
    await last.server.stop();
    expect((await onMachine(kept, "restore", "--undo")).code).toBe(0);
    expect(await versionOf(await serve(kept.folder, kept.data))).toBe("1.6.0");
  });
});
