import { isHitagiError } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { checkManifest } from "../../src/runtimes/manifest-check.ts";

const good = { namespace: "a-plugin", type: "metadata", name: "A plugin", version: "1.0.0", author: "me" };

const faultOf = (more: object): { path: unknown; reason: string } => {
  try {
    checkManifest({ ...good, ...more });
  } catch (e) {
    if (isHitagiError(e, "MANIFEST_INVALID")) return { path: e.params.path, reason: String(e.params.reason) };
    throw e;
  }
  throw new Error("it was accepted");
};

describe("the manifest check", () => {
  test("fills in the defaults", () => {
    expect(checkManifest(good)).toEqual({ ...good, description: "" });
  });

  test("takes everything that a manifest may have", () => {
    const full = {
      ...good,
      description: "d",
      icon: "data:image/png;base64,",
      oneshot_arg: "an address",
      cooldown: 4,
      login_from: "a-login",
      permissions: { net: ["api.example.org", "*.example.org", "127.0.0.1:8080"], library: "write" },
      parameters: {
        on: { type: "bool", desc: "d", default_value: true },
        count: { type: "int", default_value: 3 },
        name: { type: "string", default_value: "x" },
        key: { type: "secret" },
      },
    };
    expect(checkManifest(full)).toEqual(full);
  });

  test.each(["1.0.0", "0.0.0", "1.2.3-rc.1+build.5", "10.20.30"])("takes version %s", (version) => {
    expect(checkManifest({ ...good, version }).version).toBe(version);
  });

  test.each(["v1.0.0", "1.0", "1", "=1.0.0", " 1.0.0", "1.0.0\n", "01.0.0", "1.0.0-", "latest", "1.0.0 2"])(
    "refuses version %j",
    (version) => {
      expect(faultOf({ version })).toMatchObject({ path: "/version" });
    },
  );

  test.each<[string, object, string, RegExp]>([
    ["a field that there is not", { licence: "MIT" }, "/", /licence/],
    ["a field that is not set", { author: undefined }, "/author", /string/],
    ["a type that there is not", { type: "theme" }, "/type", /metadata, download/],
    ["a namespace with capitals", { namespace: "Foo" }, "/namespace", /pattern/],
    ["an empty name", { name: "" }, "/name", /./],
    ["a number for text", { author: 5 }, "/author", /string/],
    ["a cooldown below nothing", { cooldown: -1 }, "/cooldown", /./],
    [
      "a host that is an address",
      { permissions: { net: ["https://x.org/"] } },
      "/permissions/net/0",
      /pattern/,
    ],
    ["a host that is everything", { permissions: { net: ["*"] } }, "/permissions/net/0", /pattern/],
    ["a permission that there is not", { permissions: { run: true } }, "/permissions", /run/],
    [
      "a parameter type that there is not",
      { parameters: { a: { type: "date" } } },
      "/parameters/a/type",
      /bool/,
    ],
    ["a parameter name with a space", { parameters: { "a b": { type: "int" } } }, "/parameters", /a b/],
    [
      "a default of another type",
      { parameters: { a: { type: "int", default_value: "1" } } },
      "/parameters/a/default_value",
      /number/,
    ],
    [
      "a secret with a number",
      { parameters: { a: { type: "secret", default_value: 1 } } },
      "/parameters/a/default_value",
      /string/,
    ],
    ["a download plugin for no address", { type: "download" }, "/url_regex", /must say/],
    ["a regular expression that is none", { type: "download", url_regex: "(" }, "/url_regex", /no regular/],
    ["a metadata plugin for no address", { url_regex: "" }, "/url_regex", /must say/],
    [
      "sources of a plugin that is no metadata plugin",
      { type: "script", source_regex: "x" },
      "/source_regex",
      /has none/,
    ],
    ["sources that are no regular expression", { source_regex: "(" }, "/source_regex", /no regular/],
    ["no sources", { source_regex: "" }, "/source_regex", /must say/],
    ["addresses of a plugin that takes none", { type: "script", url_regex: "x" }, "/url_regex", /has none/],
  ])("refuses %s, and says where", (_, more, path, reason) => {
    const fault = faultOf(more);
    expect(fault.path).toBe(path);
    expect(fault.reason).toMatch(reason);
  });

  test("reports all errors, each with its path", () => {
    const { path, reason } = faultOf({
      namespace: "A b",
      author: undefined,
      name: 5,
      version: "v1",
      icon: 4,
      type: "download",
      nonsense: 1,
      cooldown: -1,
      parameters: { a: { type: "date" }, "b c": { type: "int", default_value: "x" } },
      permissions: { net: ["https://x"], run: true },
    });
    const rest = reason.split("; ").map((fault) => fault.split(": ")[0]);
    expect([path, ...rest]).toEqual([
      "/",
      "must not have nonsense",
      "/namespace",
      "/name",
      "/author",
      "/icon",
      "/parameters/a/type",
      "/permissions",
      "/permissions/net/0",
      "/cooldown",
      "/version",
      "/parameters",
      "/parameters/b c/default_value",
      "/url_regex",
    ]);
  });

  test("names a field that is missing", () => {
    const { author, ...rest } = good;
    expect(() => checkManifest(rest)).toThrow(/author/);
    expect(checkManifest({ ...rest, author })).toMatchObject({ author });
  });

  test.each([null, 5, "x", [], undefined])("refuses %j", (value) => {
    expect(() => checkManifest(value)).toThrow(expect.objectContaining({ code: "MANIFEST_INVALID" }));
  });
});
