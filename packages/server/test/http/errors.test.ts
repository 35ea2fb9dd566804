import { Writable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import Fastify, { type FastifyBaseLogger } from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { setUpErrors } from "../../src/http/errors.ts";
import { createRequestIds } from "../../src/http/request.ts";
import { createPluginLists } from "../../src/http/routes/plugins.ts";
import { refreshResponse } from "../../src/http/routes/registries.ts";
import { createSerializers } from "../../src/http/serialization.ts";
import { createLog } from "../../src/log.ts";

const opened = (failure: unknown) => {
  let logged = "";
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += chunk;
      done();
    },
  });
  const app = Fastify({
    loggerInstance: createLog("info", sink) as FastifyBaseLogger,
    genReqId: createRequestIds(),
  });
  setUpErrors(app);
  app.get("/fails", { config: { operation: "fail" } }, (request) => {
    request.log.info({ headers: request.headers }, "asked");
    throw failure;
  });
  onTestFinished(() => app.close());
  return { app, logged: () => logged };
};

describe("a failure", () => {
  it("that is unexpected shows only its request id, and the log has all of it", async () => {
    const cause = new Error("disk /dev/sda1");
    const { app, logged } = opened(new TypeError("cannot open /srv/hitagi/secret", { cause }));
    const answer = await app.inject({ url: "/fails", headers: { "x-request-id": "r-1" } });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ operation: "fail", success: 0, code: "INTERNAL" });
    expect(answer.json().error).toContain("r-1");
    expect(answer.body).not.toMatch(/srv|TypeError|sda1|\.ts/);
    expect(logged()).toContain("/srv/hitagi/secret");
    expect(logged()).toContain("/dev/sda1");
    expect(logged()).toContain('"reqId":"r-1"');
  });

  it("may be a thrown value that is no Error", async () => {
    const { app } = opened("just a text");
    const answer = await app.inject("/fails");
    expect([answer.statusCode, answer.json().code]).toEqual([500, "INTERNAL"]);
  });

  it.each([
    [new HitagiError("PLUGIN_CANCELLED"), 499],
    [new HitagiError("DISK_FULL"), 507],
    [new HitagiError("PLUGIN_BUSY", { namespace: "a" }), 423],
    [new HitagiError("ARCHIVE_CHECKSUM", { expected: "0" }), 417],
  ])("with an error code has its status: %s", async (error, status) => {
    const { app } = opened(error);
    const answer = await app.inject("/fails");
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      operation: "fail",
      success: 0,
      error: error.message,
      code: error.code,
      hint: error.hint,
    });
  });

  it("leaves no key in the log", async () => {
    const { app, logged } = opened(new HitagiError("STOPPING"));
    await app.inject({ url: "/fails", headers: { authorization: "Bearer c2VjcmV0LWtleQ==" } });
    expect(logged()).toContain("asked");
    expect(logged()).not.toContain("c2VjcmV0LWtleQ");
  });
});

describe("the response of a refresh", () => {
  it("has the index as it was sent, in chunks", async () => {
    const index = Buffer.from(JSON.stringify({ plugins: "漫画".repeat(200_000) }));
    const pieces: Buffer[] = [];
    for await (const piece of refreshResponse({ index, changed: true })) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(4);
    expect(JSON.parse(Buffer.concat(pieces).toString())).toMatchObject({
      success: 1,
      changed: true,
      index: JSON.parse(index.toString()),
    });
  });
});

describe("a plugin list", () => {
  it("is serialized once until the plugins change", () => {
    let revision = 1;
    let asked = 0;
    const list = () => {
      asked += 1;
      return [];
    };
    const lists = createPluginLists({ list, revision: () => revision }, createSerializers());
    const first = lists("all");
    expect(first.bytes.toString()).toBe("[]");
    expect(lists("all")).toBe(first);
    lists("script");
    expect(asked).toBe(2);
    revision = 2;
    expect(lists("all")).not.toBe(first);
    expect(asked).toBe(3);
  });
});
