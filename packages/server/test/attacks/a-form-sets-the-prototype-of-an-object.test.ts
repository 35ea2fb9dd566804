import { afterAll, beforeAll, expect, test } from "vitest";
import { archiveForm } from "../http/calls/archives.ts";
import { openTestServer, type TestServer } from "../http/test-server.ts";
import { echo } from "../plugins/plugin-source.ts";

let server: TestServer;
const NAMES = ["constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];
const string = { type: "string" } as const;

const upload = (source: string) =>
  server.call("sideloadPlugin", { payload: archiveForm("echo.ts", Buffer.from(source)) });

/** Sends the form of the settings page, encoded as a browser does. */
const save = async (form: FormData | URLSearchParams) => {
  const encoded = new Response(form);
  const payload = Buffer.from(await encoded.arrayBuffer());
  const headers = { "content-type": encoded.headers.get("content-type") ?? "" };
  return server.call("savePluginForm", { payload, headers });
};

beforeAll(async () => {
  server = await openTestServer();
  const source = echo("ns", { parameters: Object.fromEntries(NAMES.map((name) => [name, string])) });
  expect((await upload(source)).status).toBe(200);
});
afterAll(() => server.close());

test("a plugin with a setting named __proto__ is refused", async () => {
  // In a literal of JavaScript the name would set the prototype; only a computed one is a property.
  const source = echo("evil").replace(
    '"description":""',
    '"description":"","parameters":{["__proto__"]:{"type":"string"}}',
  );
  const { status, body } = await upload(source);
  expect([status, body.success]).toEqual([422, 0]);
  expect(body.error).toContain("__proto__");
});

const encodings = [
  ["urlencoded", () => new URLSearchParams()],
  ["multipart", () => new FormData()],
] as const;

test.each(encodings)("a %s form with such a field is refused and changes nothing", async (_name, empty) => {
  for (const field of [
    "__proto__",
    "ns.__proto__",
    "ns.__proto__.x",
    "__proto__[x]",
    "constructor",
    "prototype",
    "ns",
  ]) {
    const form = empty();
    form.append(field, "polluted");
    const { status, body } = await save(form);
    expect([field, status, body.code]).toEqual([field, 400, "VALIDATION_FAILED"]);
  }
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});

test.each(encodings)(
  "settings that are named like members of objects are saved by a %s form",
  async (name, empty) => {
    const form = empty();
    for (const one of NAMES) form.append(`ns.${one}`, `${name} ${one}`);
    expect((await save(form)).status).toBe(200);
    const { body } = await server.call("usePlugin", { query: { plugin: "ns" } });
    expect(body.data.settings).toEqual(Object.fromEntries(NAMES.map((one) => [one, `${name} ${one}`])));
  },
);
