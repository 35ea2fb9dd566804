import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { afterEach, expect, test, vi } from "vitest";
import type { ProcessLimits } from "../../src/child-process/limited-process.ts";
import { createContainers } from "../../src/library/containers/containers.ts";
import { READER_LIMITS } from "../../src/library/containers/reader-process.ts";
import type { Containers } from "../../src/library/containers/types.ts";
import { fileOf } from "../library/cbz.ts";
import { rar4, rar5 } from "../library/containers/rar.ts";
import { pdfOf, sevenZip, tar } from "../library/containers/samples.ts";
import { isAlive } from "../support/processes.ts";

const MB = 1024 * 1024;
let containers: Containers | undefined;
afterEach(() => containers?.close());
const open = (limits: Partial<ProcessLimits> = {}): Containers => {
  containers = createContainers({ ...READER_LIMITS, ...limits });
  return containers;
};

const page = Buffer.from("a page");
const harmless = { "ok.jpg": page };

/** The error of an archive, after which another archive is read as before. */
const faultOf = async (bytes: Buffer, limits?: Partial<ProcessLimits>, name?: string): Promise<unknown> => {
  const own = open(limits);
  const file = await fileOf(bytes);
  const fault = await (name ? own.read(file, name, MB) : own.entries(file)).catch((error: unknown) => error);
  if (!limits?.maxMs) expect(await own.read(await fileOf(rar5(harmless)), "ok.jpg", MB)).toEqual(page);
  return fault;
};

const unreadable = (reason: RegExp) =>
  expect.objectContaining({ code: "ARCHIVE_UNREADABLE", message: expect.stringMatching(reason) });
const broken = (reason: RegExp) =>
  expect.objectContaining({ code: "ARCHIVE_BROKEN", message: expect.stringMatching(reason) });

test("a file that unpacks to more than is asked for is refused by its size", async () => {
  const bomb = await sevenZip({ "bomb.jpg": Buffer.alloc(20 * MB) }, "-t7z");
  expect(await faultOf(bomb, {}, "bomb.jpg")).toMatchObject({ code: "ENTRY_TOO_LARGE" });
});

test("a file that unpacks to more than its archive says is stopped there", async () => {
  const lies = { size: 10 };
  for (const make of [rar4, rar5])
    expect(await faultOf(make({ "bomb.jpg": Buffer.alloc(MB) }, lies), {}, "bomb.jpg")).toEqual(broken(/./));
});

test("a compressed tar of half a kilobyte for each megabyte is not unpacked into memory", async () => {
  const member = gzipSync(Buffer.alloc(16 * MB));
  const bomb = Buffer.concat(Array.from({ length: 40 }, () => member));
  expect(await faultOf(bomb)).toEqual(unreadable(/unpacks to more than 512 MB/));
});

/** A 7z whose LZMA2 coder claims a dictionary of 4 GB (7zFormat.txt). */
const hugeDictionary = async (): Promise<Buffer> => {
  const bytes = await sevenZip({ "a.jpg": Buffer.alloc(MB, "x y") }, "-t7z", "-mhc=off", "-m0=LZMA2");
  const at = bytes.indexOf(Buffer.from([0x21, 0x21, 0x01]), 32);
  bytes[at + 3] = 40;
  const [offset, size] = [Number(bytes.readBigUInt64LE(12)), Number(bytes.readBigUInt64LE(20))];
  bytes.writeUInt32LE(crc32(bytes.subarray(32 + offset, 32 + offset + size)), 28);
  bytes.writeUInt32LE(crc32(bytes.subarray(12, 32)), 8);
  return bytes;
};

test("a claimed dictionary of gigabytes is not allocated", async () => {
  expect(await faultOf(await hugeDictionary(), {}, "a.jpg")).toEqual(unreadable(/memory/));
});

test("an archive with more entries than any comic is refused", async () => {
  const many = Object.fromEntries(Array.from({ length: 20_001 }, (_, n) => [`${n}`, Buffer.alloc(0)]));
  expect(await faultOf(tar(many))).toEqual(broken(/more than 20000 entries/));
});

test("a PDF that needs too much memory ends its process", async () => {
  const bomb = deflateSync(deflateSync(Buffer.alloc(400 * MB)));
  const content = Buffer.concat([
    Buffer.from(`<</Filter[/FlateDecode/FlateDecode]/Length ${bomb.length}>>stream\n`),
    bomb,
    Buffer.from("\nendstream"),
  ]);
  const pdf = pdfOf([
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Resources<<>>/Contents 4 0 R>>",
    content,
  ]);
  expect(await faultOf(pdf, { maxMemory: 400 * MB }, "1.jpg")).toEqual(
    unreadable(/more than 400 MB of memory/),
  );
});

test("an archive that takes too long ends its process", async () => {
  expect(await faultOf(rar5(harmless), { maxMs: 1 })).toEqual(unreadable(/takes more than 0.001 s/));
});

/** Starts a reader process as a server does, gives it work for seconds, and says its id. */
const SERVER = `
const [reader, path] = process.argv.slice(1);
const child = require("node:child_process").fork(reader, [process.pid, 1e9].map(String), { stdio: ["ignore", "ignore", "ignore", "ipc"], serialization: "advanced" });
child.send({ kind: "entries", format: "gzip", identity: "1", path }, () => console.log(child.pid));
setInterval(() => {}, 1000);`;

test("a reader that is busy ends with its server, also if that is killed", async () => {
  const member = gzipSync(Buffer.alloc(16 * MB));
  const file = await fileOf(Buffer.concat(Array.from({ length: 30 }, () => member)));
  const reader = path.resolve(import.meta.dirname, "../../dist/archive-reader.js");
  const server = spawn(process.execPath, ["-e", SERVER, reader, file], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [said] = (await once(server.stdout, "data")) as [Buffer];
  const pid = Number(said.toString());
  expect(isAlive(pid)).toBe(true);
  server.kill("SIGKILL");
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
});
