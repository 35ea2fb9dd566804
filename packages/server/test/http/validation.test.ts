import type { OperationId } from "@hitagi/contract";
import { Provider } from "@hitagi/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestServer, type Sent, type TestServer } from "./test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const registry = { name: "A", provider: "cdn", url: "https://example.org/" };

const faults: [what: string, id: OperationId, sent: Sent, errors: [path: string, message: string][]][] = [
  [
    "each missing field",
    "createRegistry",
    { body: {} },
    [
      ["/body/name", "Missing property."],
      ["/body/provider", "Missing property."],
    ],
  ],
  [
    "a value outside its list, with the list",
    "createRegistry",
    { body: { ...registry, provider: "ftp" } },
    [["/body/provider", `Not in enum list: ${Provider.enum.join(", ")}.`]],
  ],
  [
    "an empty text and an unknown field at once",
    "createRegistry",
    { body: { ...registry, name: "", colour: "red" } },
    [
      ["/body/colour", "Property not allowed."],
      ["/body/name", "String is too short: 0/1."],
    ],
  ],
  [
    "an empty url",
    "createRegistry",
    { body: { ...registry, url: "" } },
    [["/body/url", "String is too short: 0/1."]],
  ],
  [
    "a name that is too long, has several lines, or has terminal control characters",
    "createRegistry",
    { body: { ...registry, name: `${"x".repeat(1025)}\u001b[2J` } },
    [
      ["/body/name", "String is too long: 1029/1024."],
      ["/body/name", expect.stringMatching(/^String does not match/)],
    ],
  ],
  [
    "a too long address",
    "updateRegistry",
    { params: { id: "REG_1234567890" }, body: { url: `https://example.org/${"x".repeat(4096)}` } },
    [["/body/url", "String is too long: 4116/4096."]],
  ],
  [
    "a number instead of a text",
    "createRegistry",
    { body: { ...registry, name: 1 } },
    [["/body/name", "Expected string - got number."]],
  ],
  [
    "a text instead of a boolean in JSON",
    "installPlugin",
    { body: { namespace: "a", registry: "REG_1234567890", force: "true" } },
    [["/body/force", "Expected boolean - got string."]],
  ],
  [
    "a text instead of a number in JSON",
    "configurePlugin",
    { params: { namespace: "copytags" }, body: { priority: "1" } },
    [["/body/priority", "Expected integer - got string."]],
  ],
  [
    "a malformed id in a body",
    "installPlugin",
    { body: { namespace: "a", registry: "REG_1" } },
    [["/body/registry", "String does not match ^REG_[0-9]{10}$."]],
  ],
  [
    "a change without fields",
    "updateRegistry",
    { params: { id: "REG_1234567890" }, body: {} },
    [["/body", "Not enough properties: 0/1."]],
  ],
  [
    "a malformed id in the path",
    "getRegistry",
    { params: { id: "1234567890" } },
    [["/path/id", "String does not match ^REG_[0-9]{10}$."]],
  ],
  [
    "a job id that is no number",
    "getJob",
    { params: { job: "abc" } },
    [["/path/job", "Expected integer - got string."]],
  ],
  ["a job id of 0", "getJobDetail", { params: { job: 0 } }, [["/path/job", "0 < minimum(1)."]]],
  [
    "an unknown plugin type",
    "listPlugins",
    { params: { type: "theme" } },
    [["/path/type", "Not in enum list: metadata, download, login, script, all."]],
  ],
  ["a missing query", "usePlugin", {}, [["/query/plugin", "Missing property."]]],
  ["a page of 0", "searchAvailable", { query: { page: 0 } }, [["/query/page", "0 < minimum(1)."]]],
  [
    "an invalid boolean in the query",
    "searchAvailable",
    { query: { installed: "perhaps" } },
    [["/query/installed", "Expected boolean - got string."]],
  ],
  [
    "a union without a matching branch, as one error",
    "putSettings",
    { params: { namespace: "copytags" }, body: { word: ["a"] } },
    [["/body/word", "Expected boolean, number, string, null - got array."]],
  ],
  [
    "an error deep in a body",
    "grantPermissions",
    { params: { namespace: "copytags" }, body: { permissions: { net: ["a.b", "a b"] } } },
    [["/body/permissions/net/1", expect.stringMatching(/^String does not match/)]],
  ],
  ["a body that is no object", "createRegistry", { body: [] }, [["/body", "Expected object - got array."]]],
  [
    "null for a body",
    "createRegistry",
    { payload: "null", headers: { "content-type": "application/json" } },
    [["/body", "Expected object - got null."]],
  ],
  [
    "JSON that is none",
    "createRegistry",
    { payload: '{"name": ', headers: { "content-type": "application/json" } },
    [["/body", "Not valid JSON."]],
  ],
  [
    "a JSON body that tries to set a prototype",
    "createRegistry",
    { payload: '{"__proto__": {"name": "x"}}', headers: { "content-type": "application/json" } },
    [["/body", "Not valid JSON."]],
  ],
  [
    "a form without its field",
    "downloadUrl",
    { payload: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
    [["/body/url", "Missing property."]],
  ],
];

describe("an invalid request", () => {
  it.each(faults)("is refused for %s", async (_what, id, sent, errors) => {
    const { status, body } = await server.call(id, sent);
    expect(status).toBe(400);
    expect(body.status).toBe(400);
    expect(body.errors).toEqual(errors.map(([path, message]) => ({ path, message })));
    expect(body.code).toBe("VALIDATION_FAILED");
  });

  it("may have numbers and booleans as text in path, query and forms", async () => {
    const { status, body } = await server.call("searchAvailable", {
      query: { page: "2", size: "7", installed: "true" },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ page: 2, size: 7, total: 0 });
  });

  it("gets the contract's defaults", async () => {
    expect((await server.call("listJobs")).body).toMatchObject({ page: 1, size: 50 });
  });
});

describe("a body of another media type", () => {
  const as = (type: string | undefined, payload: string): Sent => ({
    payload,
    headers: type === undefined ? {} : { "content-type": type },
  });

  it.each([
    ["createRegistry", as("text/plain", JSON.stringify(registry))],
    ["createRegistry", as("application/x-www-form-urlencoded", "name=a&provider=cdn")],
    ["createRegistry", as("application/xml", "<a/>")],
    ["downloadUrl", as("application/json", '{"url":"https://example.org"}')],
    ["uploadArchive", as("application/octet-stream", "PK")],
    ["uploadArchive", as(undefined, "")],
  ] as [OperationId, Sent][])("is refused by %s", async (id, sent) => {
    const { status, body } = await server.call(id, sent);
    expect(status).toBe(415);
    expect(body.code).toBe("UNSUPPORTED_MEDIA_TYPE");
  });

  it("may name its charset", async () => {
    const sent = as("application/json; charset=utf-8", JSON.stringify(registry));
    expect((await server.call("createRegistry", sent)).status).toBe(200);
  });

  it.each([
    ["JSON's type and nothing", as("application/json", "")],
    ["JSON", as("application/json", "{}")],
    ["broken JSON", as("application/json", "{")],
    ["a form", as("application/x-www-form-urlencoded", "a=b")],
    ["an unknown type", as("x/y", "z")],
    ["nothing", {}],
  ])("is ignored by an operation without a body: %s", async (_what, sent) => {
    expect((await server.call("verifyPlugins", sent)).status).toBe(200);
  });

  it("may be absent if every field is optional", async () => {
    const { body } = await server.call("rollbackPlugin", { params: { namespace: "copytags" } });
    expect(body.code).not.toBe("VALIDATION_FAILED");
  });

  it("is refused if it is too large", async () => {
    const { status, body } = await server.call("createRegistry", {
      body: { ...registry, name: "x".repeat(1024 * 1024) },
    });
    expect(status).toBe(413);
    expect(body.code).toBe("PAYLOAD_TOO_LARGE");
  });
});
