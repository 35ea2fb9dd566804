import { expect } from "vitest";
import { done, type Exchange, failed, invalid, registryId, text, whole } from "./recording.ts";

const bad = (what: string, json: object, ...errors: [string, unknown][]): Exchange => ({
  ...{ call: "POST /registries", what, path: "/registries", json },
  ...invalid("create_registry", ...errors),
});

const refused = (what: string, json: object): Exchange => ({
  ...{ call: "POST /registries", what, path: "/registries", json, status: 400 },
  ...failed("create_registry", "not valid"),
});

/** What Hitagi says of every registry: how far it is trusted. */
const trust = { state: "unsigned", required: false, evidence: 0, warnings: [] };
const local = {
  id: "{registry}",
  name: "Local",
  provider: "local",
  path: "{folder}",
  created: whole,
  updated: whole,
  trust,
};

/** The calls about registries. */
export const registryExchanges: Exchange[] = [
  {
    ...{ call: "GET /registries", what: "none yet", path: "/registries", status: 200 },
    body: done("list_registries", { registries: [] }),
  },
  {
    ...{ call: "GET /registries", what: "without a key", path: "/registries", key: null, status: 401 },
    ...failed("list_registries", "needs an API key"),
  },
  {
    ...{ call: "GET /registries", what: "with a wrong key", path: "/registries", key: "wrong", status: 401 },
    ...failed("list_registries", "needs an API key"),
  },
  bad("nothing", {}, ["/body/name", "Missing property."], ["/body/provider", "Missing property."]),
  bad("an empty name", { name: "", provider: "cdn", url: "https://a.example" }, [
    "/body/name",
    "String is too short: 0/1.",
  ]),
  bad("an unknown provider", { name: "a", provider: "ftp" }, [
    "/body/provider",
    "Not in enum list: github, gitlab, gitea, git, cdn, local.",
  ]),
  bad("an empty ref", { name: "a", provider: "github", url: "https://github.com/a/b", ref: "" }, [
    "/body/ref",
    "String is too short: 0/1.",
  ]),
  refused("github elsewhere", { name: "a", provider: "github", url: "https://example.org/a/b", ref: "main" }),
  refused("github without https", {
    name: "a",
    provider: "github",
    url: "http://github.com/a/b",
    ref: "main",
  }),
  refused("github without a ref", { name: "a", provider: "github", url: "https://github.com/a/b" }),
  refused("a cdn that is no web folder", { name: "a", provider: "cdn", url: "ftp://example.org" }),
  refused("a local one whose path is not absolute", { name: "a", provider: "local", path: "plugins" }),
  {
    ...{ call: "POST /registries", what: "a local one", path: "/registries", status: 200 },
    json: { name: "Local", provider: "local", path: "{folder}" },
    body: done("create_registry", { id: registryId }),
    keep: { registry: "id" },
  },
  ...["C:\\plugins", "\\\\nas\\plugins"].map(
    (path): Exchange => ({
      ...{ call: "POST /registries", what: `a local one at ${path}`, path: "/registries", status: 200 },
      json: { name: "Windows", provider: "local", path },
      body: done("create_registry", { id: registryId }),
      keep: { passing: "id" },
    }),
  ),
  {
    ...{ call: "POST /registries", what: "a forge's", path: "/registries", status: 200 },
    json: { name: "題", provider: "gitea", url: "https://codeberg.org/a/b", ref: "main" },
    body: done("create_registry", { id: registryId }),
    keep: { forge: "id" },
  },
  {
    ...{ call: "GET /registries/{id}", what: "one", path: "/registries/{registry}", status: 200 },
    body: done("get_registry", { registry: local }),
  },
  {
    ...{
      call: "GET /registries/{id}",
      what: "an unknown one",
      path: "/registries/REG_0000000001",
      status: 404,
    },
    ...failed("get_registry", "doesn't exist"),
  },
  {
    ...{ call: "GET /registries/{id}", what: "a malformed id", path: "/registries/REG_1" },
    ...invalid("get_registry", ["/path/id", "String does not match ^REG_[0-9]{10}$."]),
  },
  ...(
    [
      ["GET /registries/{id}", "/registries/no-name", "get_registry", undefined],
      ["PUT /registries/{id}", "/registries/no-name", "update_registry", { name: "a" }],
      ["DELETE /registries/{id}", "/registries/no-name", "delete_registry", undefined],
      ["POST /registries/{id}/refresh", "/registries/no-name/refresh", "refresh_registry", undefined],
    ] as const
  ).map(
    ([call, path, operation, json]): Exchange => ({
      ...{ call, what: "a text that is no id", path, ...(json && { json }) },
      ...invalid(operation, ["/path/id", "String does not match ^REG_[0-9]{10}$."]),
    }),
  ),
  {
    ...{ call: "PUT /registries/{id}", what: "a name", path: "/registries/{forge}", status: 200 },
    json: { name: "Forge" },
    body: done("update_registry", { id: "{forge}" }),
  },
  {
    ...{ call: "PUT /registries/{id}", what: "nothing", path: "/registries/{forge}", json: {} },
    ...invalid("update_registry", ["/body", "Not enough properties: 0/1."]),
  },
  {
    ...{ call: "PUT /registries/{id}", what: "a field that it does not have", path: "/registries/{forge}" },
    ...{ json: { path: "/srv" }, status: 400 },
    ...failed("update_registry", "not valid"),
  },
  {
    ...{ call: "PUT /registries/{id}", what: "another provider, whose field is missing", status: 400 },
    ...{ path: "/registries/{forge}", json: { provider: "local" } },
    ...failed("update_registry", "not valid"),
  },
  {
    ...{ call: "PUT /registries/{id}", what: "another provider", path: "/registries/{forge}", status: 200 },
    json: { provider: "cdn", url: "http://127.0.0.1:9/" },
    body: done("update_registry", { id: "{forge}" }),
  },
  {
    ...{ call: "GET /registries/{id}", what: "one without its old fields", path: "/registries/{forge}" },
    status: 200,
    body: done("get_registry", {
      registry: {
        ...{ id: "{forge}", name: "Forge", provider: "cdn", url: "http://127.0.0.1:9/" },
        ...{ created: whole, updated: whole, trust },
      },
    }),
    more: ["registry.trust"],
  },
  {
    ...{ call: "POST /registries/{id}/refresh", what: "a source that is away", status: 502 },
    path: "/registries/{forge}/refresh",
    ...failed("refresh_registry", "could not be reached"),
  },
  {
    ...{
      call: "POST /registries/{id}/refresh",
      what: "one",
      path: "/registries/{registry}/refresh",
      status: 200,
    },
    body: done("refresh_registry", { index: "{index}", changed: true }),
    more: ["changed"],
  },
  {
    ...{ call: "POST /registries", what: "a local one of an empty folder", path: "/registries", status: 200 },
    json: { name: "Empty", provider: "local", path: "{empty}" },
    body: done("create_registry", { id: registryId }),
    keep: { passing: "id" },
  },
  {
    ...{
      call: "POST /registries/{id}/refresh",
      what: "no file there",
      path: "/registries/{passing}/refresh",
    },
    status: 400,
    ...failed("refresh_registry", "registry.json"),
  },
  {
    ...{
      call: "GET /registries/{id}",
      what: "one with an index",
      path: "/registries/{registry}",
      status: 200,
    },
    body: done("get_registry", { registry: { ...local, refreshed: whole, plugins: 3, age: whole } }),
    more: ["registry.refreshed", "registry.plugins", "registry.age"],
  },
  {
    ...{ call: "GET /registries", what: "all, oldest first", path: "/registries", status: 200 },
    body: done("list_registries", {
      registries: [
        { ...local, refreshed: whole, plugins: 3, age: whole },
        ...Array(4).fill(expect.any(Object)),
      ],
    }),
    more: ["registries.[0].refreshed", "registries.[0].plugins", "registries.[0].age"],
  },
  {
    ...{ call: "GET /registries/ougi", what: "none", path: "/registries/ougi", status: 200 },
    body: done("get_ougi", { id: "" }),
  },
  {
    ...{ call: "DELETE /registries/ougi", what: "none", path: "/registries/ougi", status: 200 },
    body: done("remove_ougi", { id: "" }),
  },
  ...["1", "not-a-reg-id", "ABCDEFGHIJKLMN"].map(
    (id): Exchange => ({
      ...{ call: "PUT /registries/ougi/{id}", what: `the id ${id}`, path: `/registries/ougi/${id}` },
      ...invalid("update_ougi", ["/path/id", "String does not match ^REG_[0-9]{10}$."]),
    }),
  ),
  {
    ...{ call: "PUT /registries/ougi/{id}", what: "an unknown one", path: "/registries/ougi/REG_0000000001" },
    status: 404,
    ...failed("update_ougi", "doesn't exist"),
  },
  {
    ...{ call: "PUT /registries/ougi/{id}", what: "one", path: "/registries/ougi/{forge}", status: 200 },
    body: done("update_ougi", { id: "{forge}" }),
  },
  {
    ...{ call: "GET /registries/ougi", what: "one", path: "/registries/ougi", status: 200 },
    body: done("get_ougi", { id: "{forge}" }),
  },
  {
    ...{ call: "DELETE /registries/{id}", what: "the default one", path: "/registries/{forge}", status: 200 },
    body: done("delete_registry", { successMessage: text }),
  },
  {
    ...{
      call: "DELETE /registries/{id}",
      what: "one that is gone",
      path: "/registries/{forge}",
      status: 404,
    },
    ...failed("delete_registry", "doesn't exist"),
  },
  {
    ...{
      call: "GET /registries/ougi",
      what: "after that one is gone",
      path: "/registries/ougi",
      status: 200,
    },
    body: done("get_ougi", { id: "" }),
  },
  {
    ...{
      call: "PUT /registries/ougi/{id}",
      what: "another",
      path: "/registries/ougi/{registry}",
      status: 200,
    },
    body: done("update_ougi", { id: "{registry}" }),
  },
  {
    ...{ call: "DELETE /registries/ougi", what: "it", path: "/registries/ougi", status: 200 },
    body: done("remove_ougi", { id: "{registry}" }),
  },
];
