import { once } from "node:events";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { cbz } from "../library/cbz.ts";
import { fixtureIndex } from "../support/registry-fixture.ts";
import { waiting } from "./plugin-sources.ts";
import { bearer, KEY, openTestServer, type TestServer } from "./test-server.ts";

const LIMITS = { ...defaultLimits, bodyMs: 200 };

let server: TestServer;
let address: string;
beforeAll(async () => {
  server = await openTestServer({ log: "silent" }, LIMITS);
  address = await server.http.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

/** A client that writes arbitrary bytes at any time. */
const caller = async (
  to = server,
): Promise<{ socket: Socket; heard: () => string; ended: Promise<unknown> }> => {
  const socket = connect((to.http.server.address() as AddressInfo).port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk.toString();
  });
  socket.on("error", () => undefined);
  const ended = once(socket, "close");
  await once(socket, "connect");
  return { socket, heard: () => text, ended };
};

const head = (method: string, path: string, more: string[]): string =>
  [
    `${method} ${path} HTTP/1.1`,
    "Host: localhost",
    `Authorization: ${bearer(KEY).authorization}`,
    ...more,
    "",
    "",
  ].join("\r\n");

const BOUNDARY = "----between";
const uploadHead = (length: number): string =>
  head("PUT", "/api/archives/upload", [
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    `Content-Length: ${length}`,
  ]);
const uploadBody = (bytes: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="slow.cbz"\r\n\r\n`),
    bytes,
    Buffer.from(`\r\n--${BOUNDARY}--\r\n`),
  ]);

/** All files in the library's folder, partial uploads included, except the server's claim file. */
const libraryFiles = async (of = server): Promise<string[]> => {
  const entries = await readdir(of.services.config.library, { recursive: true, withFileTypes: true });
  const names = entries.filter((e) => e.isFile()).map((e) => e.name);
  return names.filter((name) => !name.startsWith(".hitagi.lock"));
};

/** Begins a body that does not arrive, and answers what the server says when the time for it has passed. */
const afterBodyLimit = async (): Promise<string> => {
  const { socket, heard, ended } = await caller();
  socket.write(
    `${head("POST", "/api/registries", ["Content-Type: application/json", "Content-Length: 99"])}{`,
  );
  await ended;
  return heard();
};

const inFlight = (): number => server.services.runtimes.reduce((n, r) => n + r.stats().inFlight, 0);

describe("a body that does not arrive", () => {
  it("gets 408, and its connection is closed", async () => {
    const heard = await afterBodyLimit();
    expect(heard).toMatch(/^HTTP\/1.1 408 /);
    expect(heard).toContain('"code":"REQUEST_TIMEOUT"');
    expect(heard).toContain('"operation":"create_registry"');
  });

  it("leaves nothing of a stalled upload", async () => {
    const impatient = await openTestServer({ log: "silent" }, { ...LIMITS, uploadIdleMs: 200 });
    onTestFinished(() => impatient.close());
    await impatient.http.listen({ host: "127.0.0.1", port: 0 });
    const { socket, ended } = await caller(impatient);
    const body = uploadBody(cbz("stalled"));
    socket.write(uploadHead(body.length));
    socket.write(body.subarray(0, body.length / 2));
    await ended;
    await vi.waitFor(async () => expect(await libraryFiles(impatient)).toEqual([]));
  });

  it("leaves nothing of an upload whose client disconnects", async () => {
    const { socket } = await caller();
    const body = uploadBody(cbz("gone"));
    socket.write(uploadHead(body.length));
    socket.write(body.subarray(0, body.length - 50));
    await vi.waitFor(async () => expect(await libraryFiles()).toHaveLength(1));
    socket.destroy();
    await vi.waitFor(async () => expect(await libraryFiles()).toEqual([]));
    expect((await server.call("listArchives")).body).toEqual([]);
  });
});

describe("an operation without a body", () => {
  it("may run longer than the limit for bodies", async () => {
    const client = createClient(address, KEY);
    await client.sideloadPlugin({ file: new Blob([waiting("worker")]), filename: "worker.ts", body: {} });
    const used = client.usePlugin({ query: { plugin: "worker" } });
    await vi.waitFor(() => expect(inFlight()).toBe(1));
    expect(await afterBodyLimit()).toMatch(/^HTTP\/1.1 408 /);
    await client.usePlugin({ query: { plugin: "worker", arg: "end" } });
    expect(await used).toMatchObject({ success: 1, data: { waited: true } });
  });
});

describe("bytes that are no valid request", () => {
  it.each([
    ["an unknown method", "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "VALIDATION_FAILED"],
    ["bytes that are no HTTP", "\u0016\u0003\u0001 hello\r\n\r\n", 400, "VALIDATION_FAILED"],
    ["an address of other bytes", "GET /\u00ff\u0000 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "VALIDATION_FAILED"],
    ["headers without end", `GET / HTTP/1.1\r\nA: ${"x".repeat(20_000)}\r\n\r\n`, 431, "HEADERS_TOO_LARGE"],
  ])("get a failure of the contract's form: %s", async (_what, bytes, status, code) => {
    const { socket, heard, ended } = await caller();
    socket.write(Buffer.from(bytes, "latin1"));
    await ended;
    const [lines, text] = heard().split("\r\n\r\n");
    expect(lines).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(lines).toContain("Connection: close");
    expect(JSON.parse(text ?? "")).toMatchObject({ operation: "unknown", success: 0, code });
    expect(JSON.parse(text ?? "").hint).toBeTruthy();
  });
});

describe("an upload", () => {
  it("may take longer than other bodies while it progresses", async () => {
    const { socket, heard } = await caller();
    const body = uploadBody(cbz("slow"));
    socket.write(uploadHead(body.length));
    const half = body.length / 2;
    socket.write(body.subarray(0, half));
    expect(await afterBodyLimit()).toMatch(/^HTTP\/1.1 408 /);
    socket.write(body.subarray(half));
    await vi.waitFor(() => expect(heard()).toMatch(/^HTTP\/1.1 200 /));
    expect(heard()).toContain('"filename":"slow.cbz"');
    socket.destroy();
  });

  it("works with the typed client", async () => {
    const client = createClient(address, KEY);
    const file = new Blob([new Uint8Array(cbz("typed"))]);
    const { id } = await client.uploadArchive({ file, filename: "typed.cbz", body: { title: "Typed" } });
    expect(await client.getArchiveMetadata({ params: { id } })).toMatchObject({ title: "Typed" });
    const again = client.uploadArchive({ file, filename: "typed.cbz", body: {} });
    await expect(again).rejects.toMatchObject({ status: 409, code: "ARCHIVE_EXISTS", failure: { id } });
  });
});

describe("a large index", () => {
  it("is sent in chunks, complete and unchanged", async () => {
    const folder = path.join(server.folder, "large");
    const index = fixtureIndex(
      Array.from({ length: 3000 }, (_, n) => ({
        namespace: `plugin-${n}`,
        type: "script" as const,
        versions: [{ version: "1.0.0", source: "", description: `説明 🎴 ${"𠮷".repeat(n % 90)}` }],
      })),
    );
    await mkdir(folder);
    await writeFile(path.join(folder, "registry.json"), JSON.stringify(index));
    const client = createClient(address, KEY);
    const { id } = await client.createRegistry({ body: { name: "Large", provider: "local", path: folder } });
    const answer = await client.refreshRegistry({ params: { id } });
    expect(JSON.stringify(answer).length).toBeGreaterThan(1_000_000);
    expect(answer).toEqual({ operation: "refresh_registry", success: 1, error: null, changed: true, index });
  });
});

describe("a client that disconnects", () => {
  it("aborts the use of the plugin that it waited for", async () => {
    const client = createClient(address, KEY);
    await client.sideloadPlugin({ file: new Blob([waiting("sleeper")]), filename: "sleeper.ts", body: {} });
    const gone = new AbortController();
    const used = client.usePlugin({ query: { plugin: "sleeper" }, signal: gone.signal });
    await vi.waitFor(() => expect(inFlight()).toBe(1));
    gone.abort();
    await expect(used).rejects.toThrow();
    await vi.waitFor(() => expect(inFlight()).toBe(0));
  });
});
