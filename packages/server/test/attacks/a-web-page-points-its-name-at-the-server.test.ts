import { request } from "node:http";
import { connect } from "node:net";
import { hostname } from "node:os";
import { text } from "node:stream/consumers";
import { api, type Route } from "@hitagi/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { bearer } from "../http/test-server.ts";

let world: World;
let plain: World;
beforeAll(async () => {
  [world, plain] = await Promise.all([
    openCliWorld({ allowedHosts: "nas.example, hitagi", publicUrl: "https://comics.example:8443/" }),
    openCliWorld(),
  ]);
});
afterAll(() => Promise.all([world.close(), plain.close()]));

interface Got {
  status: number;
  body: string;
}

/** What a browser sends for a page whose name leads to this server: a request with the page's name. */
const get = (at: World, host: string, path: string, method = "GET"): Promise<Got> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(at.server.address);
    const headers = { ...bearer(at.server.apiKey.key), host };
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      void text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    })
      .on("error", reject)
      .end();
  });

const NAMES = [
  "evil.example",
  "evil.example:3000",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "2130706433",
  "0x7f.1",
  "127.1",
  "evil.example#@localhost",
  "localhost@evil.example",
  "[evil.example]",
  "*.example",
  "sub.nas.example",
];

test.each(NAMES)("the name %j is refused everywhere, with the setting that allows it", async (name) => {
  for (const path of [
    "/api/info",
    "/healthz",
    "/api/registries",
    "/",
    "/api/docs/",
    "/api/events",
    "/nowhere",
  ]) {
    const { status, body } = await get(world, name, path);
    expect(status, path).toBe(421);
    expect(JSON.parse(body)).toMatchObject({ code: "HOST_NOT_ALLOWED" });
  }
  const form = await get(world, name, "/config/plugins", "POST");
  expect(form.status).toBe(421);
});

test("the hint names the setting", async () => {
  const { body } = await get(plain, "evil.example", "/api/info");
  expect(JSON.parse(body).hint).toContain("HITAGI_ALLOWED_HOSTS");
  expect((await get(plain, "nas.example", "/api/info")).status).toBe(421);
});

test.each([
  "localhost",
  "LOCALHOST.:8080",
  "127.0.0.1:1",
  "192.168.1.20",
  "[::1]:3000",
  "[fe80::1]",
  "nas.example",
  "hitagi:3000",
  "comics.example",
  hostname(),
  `${hostname().split(".")[0]}.local`,
])("the name %j of the server itself is answered", async (name) => {
  expect((await get(world, name, "/api/info")).status).toBe(200);
});

test("an old health check without a Host is answered", async () => {
  const socket = connect(Number(new URL(plain.server.address).port), "127.0.0.1");
  socket.write("GET /healthz HTTP/1.0\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
});

test("a page of another origin can change nothing without the key, and may not send the key's header", async () => {
  const open = Object.values<Route>(api).filter(
    ({ scope, method }) => scope === undefined && method !== "GET",
  );
  expect(open.map(({ operation }) => operation)).toEqual(["accept_invite"]);
  for (const { method, path, example } of open) {
    const answer = await fetch(`${plain.server.address}${path}`, {
      method,
      headers: { origin: "http://evil.example", "content-type": "application/json" },
      body: JSON.stringify(example),
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      403,
      "FOREIGN_ORIGIN",
    ]);
  }
  const preflight = await fetch(`${plain.server.address}/api/registries`, {
    method: "OPTIONS",
    headers: {
      origin: "http://evil.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  });
  expect(preflight.ok).toBe(false);
  expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});
