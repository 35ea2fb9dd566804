import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import path from "node:path";
import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test, vi } from "vitest";
import { createS3Client } from "../../src/artifacts/shares/s3-client.ts";
import { startChild } from "../../src/async/child-process.ts";
import { checkBackup } from "../../src/backup/unpack.ts";
import { runInWorker } from "../../src/catalog/index-worker-client.ts";
import { createFileCache } from "../../src/library/file-cache.ts";
import { createIncoming } from "../../src/library/incoming.ts";
import { createLanraragiServer } from "../../src/library/lanraragi/server.ts";
import { readBody } from "../../src/net/http-body.ts";
import { runGit } from "../../src/sources/git/run.ts";
import { serve } from "../backup/backup-world.ts";
import { bearer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";
import { realBroker, scopeOf } from "../runtimes/broker/fixture.ts";
import { clientOf } from "../runtimes/broker/proxy-client.ts";
import { httpServer } from "../support/http-server.ts";
import { largeIndex } from "../support/large-index.ts";
import { startScript } from "../support/script.ts";
import { tempFolder } from "../support/temp-folder.ts";

// Every test fails if a stream, timer or promise has an error without a handler: support/each-file.ts.

/** Answers the first bytes of a body, and closes the connection. */
const brokenOff: RequestListener = (request, response) => {
  response.writeHead(200, { "content-length": 1_000_000 });
  response.write("x".repeat(1000), () => request.socket.destroy());
};

/** A server with one archive, and what a client needs to call it. */
const serveArchive = async () => {
  const folder = await tempFolder();
  const kept = await serve(folder);
  const file = path.join(folder, "a.cbz");
  await writeFile(file, cbz("a", { "pages/99.jpg": Buffer.alloc(3_000_000, 7) }));
  await kept.run("library", "add", file);
  const { authorization } = bearer(kept.server.apiKey.key);
  const { port } = new URL(kept.server.address);
  const archives = await fetch(`${kept.server.address}/api/archives`, { headers: { authorization } });
  const [{ arcid }] = (await archives.json()) as [{ arcid: string }];
  return { ...kept, port: Number(port), authorization, id: arcid };
};

test("a client that closes its connection in the middle of a request or an answer ends no server", async () => {
  const { port, authorization, id, run } = await serveArchive();
  const head = (line: string, ...more: string[]) =>
    [`${line} HTTP/1.1`, "Host: localhost", `Authorization: ${authorization}`, ...more, "", ""].join("\r\n");
  const form = (...parts: string[]) =>
    head(
      "PUT /api/archives/upload",
      "Content-Type: multipart/form-data; boundary=b",
      "Content-Length: 90000",
    ) + parts.map((part) => `--b\r\nContent-Disposition: form-data; ${part}`).join("");
  const octets = "Content-Type: application/zip\r\n\r\n";
  const requests = [
    form(`name="file"; filename="a.cbz"\r\n${octets}PK`),
    form(`name="other"; filename="a.cbz"\r\n${octets}PK`),
    form(`name="title"\r\n\r\nhalf a ti`),
    form(`name="file"; filename="a.cbz"\r\n${octets}PK\r\n`, `name="title"\r\n\r\nhalf`),
    form(`name="file"; filename="a.rar"\r\n${octets}PK`),
    `${head("POST /api/plugins/upload", "Content-Type: multipart/form-data; boundary=b", "Content-Length: 9000")}--b\r\nContent-Disposition: form-data; name="file"; filename="p.ts"\r\n${octets}half a plug`,
    `${head("POST /api/registries", "Content-Type: application/json", "Content-Length: 900")}{"name": "ha`,
    `${head("POST /api/registries", "Content-Type: application/json", "Transfer-Encoding: chunked")}ff\r\n{"na`,
    head(`GET /api/archives/${id}/download`),
    head(`GET /api/archives/${id}/page?path=pages/99.jpg`),
    `${head("POST /api/backup", "Content-Type: application/json", "Content-Length: 16")}{"library":true}`,
    head("GET /api/events"),
    head("GET /api/history?format=jsonl"),
  ];
  for (const request of requests) {
    for (const waits of [false, true]) {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(request);
      // Either at once, or after the first bytes of the answer; an upload has none.
      if (waits && request.startsWith("GET")) await once(socket, "data");
      socket.destroy();
      await once(socket, "close");
    }
  }
  expect((await run("library", "list")).code).toBe(0);
  // The last backup that was broken off may still be ending.
  await vi.waitFor(async () => expect((await run("backup", "after.tar.gz")).err).toBe(""));
});

test("a site that breaks a download off fails that download alone", async () => {
  const site = await httpServer(brokenOff);
  const { plugins, sideload } = await openPlugins({
    lookup: async () => [],
    downloadHosts: [new URL(site).host],
  });
  const url_regex = "^http://127[.]0[.]0[.]1:";
  await sideload(
    pluginSource({ namespace: "taker", type: "download", url_regex }, "return { downloadUrl: ctx.url };"),
  );
  for (const name of ["a.cbz", "a.rar", "%3F"]) {
    await expect(plugins.download(`${site}/${name}`)).rejects.toMatchObject({ name: "HitagiError" });
  }
});

test("an answer of a LANraragi server breaks off before anyone reads it", async () => {
  const address = await httpServer((_, response) => {
    response.writeHead(200, { "content-length": 1_000_000 });
    response.write("x".repeat(1000));
  });
  const server = createLanraragiServer(new URL(`${address}/`), "", {});
  const leaving = new AbortController();
  const { signal } = leaving;
  const { length } = await server.file({ method: "GET", path: "archives/a/download", signal });
  expect(length).toBe(1_000_000);
  leaving.abort();
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  await server.close();
});

test("an answer of a bucket breaks off", async () => {
  const endpoint = await httpServer(brokenOff);
  const target = { base: new URL(`${endpoint}/`), region: "r", keyId: "a", secret: "s", token: "" };
  const client = createS3Client(target, {}, { timeoutMs: 5000, retry: { attempts: 1, baseMs: 1 } });
  await expect(client.send({ method: "GET", key: "k", maxBytes: 10_000_000 })).rejects.toMatchObject({
    code: "ARTIFACTS_UNREACHABLE",
  });
  await client.close();
});

test("a body with an encoding that is refused fails later, when it has no reader", async () => {
  const body = new Readable({ read() {} });
  const refuse = () => new Error("refused");
  const policy = {
    maxBytes: 10,
    tooLarge: refuse,
    unknownEncoding: refuse,
    signal: new AbortController().signal,
  };
  await expect(readBody(body, "rot13", undefined, policy)).rejects.toThrow("refused");
  body.destroy(new Error("the connection broke"));
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  expect(body.errored).toMatchObject({ message: "the connection broke" });
});

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
])("a body in %s that breaks off, or is damaged, fails its read alone", async (encoding, compress) => {
  const whole = compress(randomBytes(100_000));
  const refuse = () => new Error("refused");
  const policy = { maxBytes: 1_000_000, tooLarge: refuse, signal: new AbortController().signal };
  const body = new Readable({ read() {} });
  const reading = readBody(body, encoding, undefined, policy);
  body.push(whole.subarray(0, 50_000));
  body.destroy(new Error("the connection broke"));
  await expect(reading).rejects.toThrow("the connection broke");
  await expect(
    readBody(Readable.from([whole.subarray(0, 50_000)]), encoding, undefined, policy),
  ).rejects.toThrow();
  const { bytes } = await readBody(Readable.from([whole]), encoding, undefined, policy);
  expect(bytes).toHaveLength(100_000);
});

test("a worker that ends in the middle of an index fails that check alone", async () => {
  const index = () => Buffer.from(JSON.stringify(largeIndex(2000)));
  await expect(runInWorker("strict", index(), undefined, 0)).rejects.toMatchObject({ code: "INDEX_INVALID" });
  expect((await runInWorker("strict", index(), undefined)).rows).toHaveLength(2000);
});

test("a backup that breaks off is refused, and the next one is read", async () => {
  const { folder, run } = await serveArchive();
  await run("backup", "whole.tar.gz");
  const whole = await readFile(path.join(folder, "whole.tar.gz"));
  const source = new Readable({ read() {} });
  const checking = checkBackup(source);
  source.push(whole.subarray(0, whole.length / 2));
  source.destroy(new Error("the disk was pulled out"));
  await expect(checking).rejects.toThrow();
  await expect(checkBackup(Readable.from([whole.subarray(0, whole.length / 2)]))).rejects.toMatchObject({
    code: "BACKUP_INVALID",
  });
  expect((await checkBackup(Readable.from([whole]))).foreign).toEqual([]);
});

test("a file of a LANraragi server that breaks off is not cached, and the next read fetches it", async () => {
  const files = path.join(await tempFolder(), "files");
  const cache = createFileCache(files, 1_000_000);
  const body = new Readable({ read() {} });
  body.push("half");
  const reading = cache.file("a.cbz", async () => {
    body.once("data", () => body.destroy(new Error("the connection broke")));
    return { body, length: undefined };
  });
  await expect(reading).rejects.toThrow("the connection broke");
  expect(await readdir(files)).toEqual([]);
  const file = await cache.file("a.cbz", async () => ({ body: Readable.from(["whole"]), length: 5 }));
  expect(await readFile(file, "utf8")).toBe("whole");
});

test("a tunnel of a plugin's proxy breaks off on either side, and the next one opens", async () => {
  const site = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (chunk) => (String(chunk) === "end" ? socket.destroy() : socket.write(chunk)));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  const { port: sitePort } = site.address() as AddressInfo;
  const host = `127.0.0.1:${sitePort}`;
  const { broker } = await realBroker();
  const { open } = await clientOf(broker.openNetwork(scopeOf({ net: [host] }, { directNetwork: true })));
  const tunnel = async () => {
    const socket = await open();
    socket.on("error", () => {});
    socket.write(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(String(await once(socket, "data"))).toContain("200");
    return socket;
  };
  const first = await tunnel();
  first.destroy();
  const second = await tunnel();
  second.write("end");
  await once(second, "close");
  const third = await tunnel();
  third.write("still there");
  expect(String(await once(third, "data"))).toBe("still there");
  third.destroy();
});

test("an upload fails before its file can be opened", async () => {
  const folder = await tempFolder();
  // No folder can be made where a file is.
  await writeFile(path.join(folder, ".incoming"), "");
  const stream = new Readable({ read() {} });
  const receiving = createIncoming(folder, 10).receive({ filename: "a.cbz", stream }, async () => {});
  stream.destroy(new Error("the client left"));
  await expect(receiving).rejects.toMatchObject({ code: "LIBRARY_INCOMING_TAKEN" });
});

test("a process that closes its pipes, or never starts, ends no server", async () => {
  const closesInput =
    'require("node:fs").closeSync(0); process.stdout.write("closed"); setInterval(() => {}, 1000);';
  const child = startChild(process.execPath, ["-e", closesInput], {});
  await once(child.stdout, "data");
  child.stdin.write(Buffer.alloc(1_000_000));
  await vi.waitFor(() => expect(child.stdin.errored).toMatchObject({ code: "EPIPE" }));
  child.kill("SIGKILL");
  await once(child, "exit");
  const none = startChild(path.join(await tempFolder(), "none"), [], {});
  none.stdin.write("to no process");
  await expect(once(none, "close")).rejects.toMatchObject({ code: "ENOENT" });
});

test("git that reads no input and writes no output fails its run alone", async () => {
  const cwd = await tempFolder();
  await mkdir(path.join(cwd, "empty"));
  const run = {
    args: [],
    cwd,
    env: {},
    input: "x".repeat(1_000_000),
    maxBytes: 10,
    signal: new AbortController().signal,
  };
  await expect(runGit(["/bin/false"], run)).rejects.toThrow("git failed");
});

test("a program is started while no file can be opened", async () => {
  const script = await startScript(path.join(import.meta.dirname, "scripts/start-without-free-files.ts"));
  expect(await script.line()).toMatch(/^it could not be started/);
  expect(await script.line()).toBe("still running");
});
