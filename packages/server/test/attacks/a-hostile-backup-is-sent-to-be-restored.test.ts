import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import { createGzip, gzipSync } from "node:zlib";
import { createClient } from "@hitagi/contract";
import { Header } from "tar";
import { expect, onTestFinished, test } from "vitest";
import { checkBackup } from "../../src/backup/unpack.ts";
import { filesIn, type Kept, serveStocked } from "../backup/backup-world.ts";
import { type Added, manifest, tarOf, withAdded } from "../backup/tarball.ts";

const WAITING = ".hitagi-waiting-restore";

const headerOf = (name: string, size: number): Buffer => {
  const header = new Header({ path: name, size, mode: 0o600, type: "File" });
  header.encode();
  return header.block ?? Buffer.alloc(0);
};

/** A server with a backup of it, and a function that sends bytes to be restored. */
const attacked = async () => {
  const kept = await serveStocked();
  expect((await kept.run("backup", "x.tar.gz")).code).toBe(0);
  const key = await readFile(path.join(kept.data, "api-key"), "utf8");
  const client = createClient(kept.server.address, key);
  const send = (bytes: Buffer, filename = "x.tar.gz") =>
    client.uploadBackup({ file: new Blob([new Uint8Array(bytes)]), filename });
  return { ...kept, key, client, send, backup: await readFile(path.join(kept.folder, "x.tar.gz")) };
};

/** What lies in the folder of the waiting restore. */
const leftIn = async ({ data }: Kept): Promise<string[]> => readdir(path.join(data, WAITING)).catch(() => []);

const added: [string, Added][] = [
  ["a link", { path: "data/api-key", type: "SymbolicLink", linkpath: "/etc/shadow" }],
  ["a hard link", { path: "data/artifacts", type: "Link", linkpath: "/etc/shadow" }],
  ["a device", { path: "data/api-key", type: "CharacterDevice" }],
  ["a folder", { path: "data/git/", type: "Directory" }],
  ["a name with ..", { path: "data/../../evil", text: "x" }],
  ["a name with .. below the store", { path: "store/../restore.json", text: "{}" }],
  ["an absolute name", { path: "/etc/evil", text: "x" }],
  ["the record of a waiting restore", { path: "data/.hitagi-waiting-restore/restore.json", text: "{}" }],
  ["the journal of a restore", { path: "data/.hitagi-restore/journal.json", text: "{}" }],
  ["a second database", { path: "store/hitagi.db", text: "x" }],
];

const noDatabase = (): Buffer => {
  const text = "no database";
  const sha256 = createHash("sha256").update(text).digest("hex");
  const files = [{ path: "store/hitagi.db", size: text.length, sha256 }];
  return tarOf([["store/hitagi.db", text], manifest({ parts: ["store"], files })]);
};

const others: [string, string, (backup: Buffer) => Buffer][] = [
  ["a zip", "BACKUP_INVALID", () => Buffer.from("PK\u0003\u0004 and more")],
  ["nothing at all", "BACKUP_INVALID", () => Buffer.alloc(0)],
  ["an archive without a manifest", "BACKUP_INVALID", () => tarOf([["data/api-key", "theirs"]])],
  ["a manifest without a database", "BACKUP_INVALID", () => tarOf([manifest()])],
  ["700 MB claimed", "BACKUP_INVALID", () => gzipSync(headerOf("data/api-key", 700_000_000))],
  ["a backup that is cut short", "BACKUP_INVALID", (backup) => backup.subarray(0, backup.length - 100)],
  ["a database that is none", "STORE_FAILED", noDatabase],
  // The bytes are not there at all.
  ["more than the disk holds", "DISK_FULL", () => gzipSync(headerOf("library/a.cbz", 2 ** 50))],
];

test("a file that is sent to be restored is refused, leaves nothing and changes nothing", async () => {
  const world = await attacked();
  const before = Object.keys(await filesIn(world.data));
  const cases = [
    ...others,
    ...added.map(
      ([name, entry]) => [name, "BACKUP_INVALID", (backup: Buffer) => withAdded(backup, [entry])] as const,
    ),
  ];
  for (const [name, code, make] of cases) {
    const refused = await world.send(make(world.backup)).catch((e: unknown) => e);
    expect(refused, name).toMatchObject({ code });
    expect(await leftIn(world), name).toEqual([]);
    expect(Object.keys(await filesIn(world.data)), name).toEqual(before);
    expect(await world.client.getRestore({}), name).toMatchObject({ restore: null });
  }
});

test("a few bytes that unpack to bytes without end are refused soon", async () => {
  let made = 0;
  const zeros = Buffer.alloc(1024 * 1024);
  const endless = Readable.from(
    (async function* () {
      yield headerOf("data/api-key", 0);
      for (;;) {
        made += 1;
        yield zeros;
      }
    })(),
    { objectMode: false },
  );
  const gzip = endless.pipe(createGzip());
  onTestFinished(() => void endless.destroy());
  await expect(checkBackup(gzip)).rejects.toMatchObject({
    params: { reason: "it holds far more bytes than its files have" },
  });
  expect(made).toBeLessThan(200);
});

test("a name of the sent file is never a path", async () => {
  const world = await attacked();
  await world.send(world.backup, "../../../evil.tar.gz");
  expect(await leftIn(world)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}\.tar\.gz$/), "restore.json"]);
});

test("foreign files are named before the restore", async () => {
  const world = await attacked();
  const { restore } = await world.send(
    withAdded(world.backup, [{ path: "data/git/config", text: "[core]\n\tsshCommand = id\n" }]),
  );
  expect(restore?.backup?.foreign).toEqual({ count: 1, first: ["data/git/config"] });
});

test("a client that goes away midway leaves nothing, and the next one is served", async () => {
  const world = await attacked();
  const boundary = "part";
  const { hostname, port } = new URL(world.server.address);
  const sending = request({
    ...{ hostname, port, method: "POST", path: "/api/restore" },
    headers: {
      authorization: `Bearer ${Buffer.from(world.key).toString("base64")}`,
      "content-type": `multipart/form-data; boundary=${boundary}`,
    },
  });
  sending.on("error", () => {});
  sending.write(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="x.tar.gz"\r\n` +
      "content-type: application/gzip\r\n\r\n",
  );
  sending.write(world.backup.subarray(0, 1000));
  await expect.poll(() => leftIn(world)).toHaveLength(2);
  await expect(world.send(world.backup)).rejects.toMatchObject({ code: "RESTORE_BUSY" });
  sending.destroy();
  await expect.poll(() => leftIn(world)).toEqual([]);
  expect((await world.send(world.backup)).restore?.state).toBe("checked");
});
