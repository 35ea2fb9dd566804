import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { archiveForm } from "../http/calls/archives.ts";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";

const MB = 1024 * 1024;
const PAGE = 16 * MB;
const SMALL = 64 * 1024;
/** Three pages of a key, four of all. */
const limits = { ...defaultLimits, unreadBytesByKey: 56 * MB, unreadBytes: 72 * MB, unreadMs: 3_600_000 };

let server: TestServer;
let port: number;
let id: string;
let reader: string;
beforeAll(async () => {
  server = await openTestServer({}, limits);
  port = Number(new URL(await server.http.listen({ host: "127.0.0.1", port: 0 })).port);
  const archive = cbz("large", { "1.jpg": Buffer.alloc(PAGE) });
  id = (await server.call("uploadArchive", { payload: archiveForm("large.cbz", archive) })).body.id;
  reader = (await server.call("createKey", { body: { name: "reader", scope: "read" } })).body.key;
});
afterAll(() => server.close());

const requestFor = (archive: string, key: string): string =>
  `GET /api/archives/${archive}/page?path=1.jpg HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer(key).authorization}\r\n\r\n`;

const open = (to = port): Socket => {
  const socket = connect(to, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
};

/** Asks for the page and reads only the status line. */
const ask = async (key: string): Promise<{ socket: Socket; status: number }> => {
  const socket = open();
  socket.write(requestFor(id, key));
  const [first] = await once(socket, "data");
  socket.pause();
  return { socket, status: Number(/^HTTP\/1\.1 (\d+)/.exec(String(first))?.[1]) };
};

/** Three pages at once are within the limit of the key, if nothing else counts. */
const expectRoom = () =>
  vi.waitFor(async () => {
    const asked = await Promise.all([ask(reader), ask(reader), ask(reader)]);
    for (const { socket } of asked) socket.destroy();
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

test("answers that are not read count against their key, and other keys get theirs", async () => {
  const asked = await Promise.all(Array.from({ length: 16 }, () => ask(reader)));
  expect(asked.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(asked.filter(({ status }) => status === 429)).toHaveLength(13);
  expect((await ask(KEY)).status).toBe(200);
  for (const { socket } of asked) socket.destroy();
  await expectRoom();
});

/** The answers that a server has made so far. */
const watchAnswers = ({ http }: TestServer): ServerResponse[] => {
  const answers: ServerResponse[] = [];
  const add = (_request: IncomingMessage, answer: ServerResponse) => void answers.push(answer);
  http.server.on("request", add);
  onTestFinished(() => void http.server.off("request", add));
  return answers;
};

test.each([
  [1, 400],
  [10, 80],
])(
  "small answers that are not read count in sum: %i connections with %i requests each",
  async (sockets, each) => {
    const own = await openTestServer({}, { ...limits, unreadBytesByKey: 2 * MB });
    onTestFinished(() => own.close());
    const to = Number(new URL(await own.http.listen({ host: "127.0.0.1", port: 0 })).port);
    const archive = cbz("small", { "1.jpg": Buffer.alloc(SMALL) });
    const added = await own.call("uploadArchive", { payload: archiveForm("small.cbz", archive) });
    const answers = watchAnswers(own);
    for (let n = 0; n < sockets; n++) open(to).pause().write(requestFor(added.body.id, KEY).repeat(each));
    await vi.waitFor(() => {
      expect(answers).toHaveLength(sockets * each);
      for (const one of answers) expect(one.writableEnded || one.req.destroyed).toBe(true);
    });
    const bytes = answers.reduce((sum, { writableLength }) => sum + writableLength, 0);
    // Headers and the answers that refuse are beyond the limit.
    expect(bytes).toBeLessThanOrEqual(3 * MB);
  },
);

test("a client that leaves while answers wait behind another one is no longer counted", async () => {
  const socket = open();
  const answers = watchAnswers(server);
  socket.pause().write(requestFor(id, reader).repeat(3));
  await vi.waitFor(() => {
    expect(answers).toHaveLength(3);
    for (const one of answers) expect(one.writableEnded).toBe(true);
  });
  socket.destroy();
  await expectRoom();
});

test("a client that leaves before its answer is made is not counted", async () => {
  const answers = watchAnswers(server);
  const sockets = Array.from({ length: 8 }, () => open());
  for (const socket of sockets) socket.write(requestFor(id, reader));
  await vi.waitFor(() => expect(answers).toHaveLength(8));
  for (const socket of sockets) socket.destroy();
  await expectRoom();
});

test("the documentation of the API counts against the address of its reader", async () => {
  const own = await openTestServer({}, { ...limits, unreadBytesByKey: 1 });
  onTestFinished(() => own.close());
  const base = await own.http.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const request = (last: string) => `GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`;
  // The server takes both from one packet, before the first answer is sent.
  socket.write(`${request("")}${request("Connection: close\r\n")}`);
  const answers = await text(socket);
  expect([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["200", "429"]);
});

test("an answer that is not read in time is cut off", async () => {
  const own = await openTestServer({}, { ...limits, unreadMs: 50 });
  onTestFinished(() => own.close());
  const base = await own.http.listen({ host: "127.0.0.1", port: 0 });
  const archive = cbz("large", { "1.jpg": Buffer.alloc(PAGE) });
  const added = await own.call("uploadArchive", { payload: archiveForm("large.cbz", archive) });
  const socket = connect(Number(new URL(base).port), "127.0.0.1").on("error", () => {});
  const { authorization } = bearer(KEY);
  const request = `GET /api/archives/${added.body.id}/page?path=1.jpg HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`;
  const closing = once(own.http.server, "connection").then(([taken]) => once(taken as Socket, "close"));
  socket.pause().write(request);
  await closing;
  socket.destroy();
});

test("a client that reads gets every page, one after the other", async () => {
  for (let n = 0; n < 4; n++) {
    const { http } = server;
    const url = `/api/archives/${id}/page?path=1.jpg`;
    const answer = await http.inject({ url, headers: bearer(reader) });
    expect([answer.statusCode, answer.rawPayload.length]).toEqual([200, PAGE]);
  }
});
