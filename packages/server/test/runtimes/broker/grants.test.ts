import { libraryAccesses, libraryRights } from "@hitagi/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grantedReach } from "../../../src/net/granted-hosts.ts";
import {
  decideGrant,
  decideOpenGrant,
  hasOpenNetwork,
  intersect,
  intersectOpen,
  namesOnlyFiles,
  narrowOpen,
  permissionNames,
  scopesOf,
  withFiles,
  withoutHosts,
  withoutPublicSuffixes,
} from "../../../src/runtimes/broker/grants.ts";

type Permissions = ReturnType<typeof intersect>;

const decide = (asks: Permissions, requested: Permissions, granted: Permissions, accept = false) =>
  decideGrant(asks, { requested, granted }, accept ? "all" : "declared");

describe("a first install", () => {
  const asks: Permissions = { net: ["api.example.org"], library: "write" };

  test("is granted what it asks for", () => {
    for (const choice of ["declared", "all"] as const) {
      expect(decideGrant(asks, undefined, choice)).toEqual({ asks, granted: asks, more: [] });
    }
  });

  test("waits for its owner where the server is set to, and for what it asks for alone", () => {
    const more = ["net:api.example.org", "library:write"];
    expect(decideGrant(asks, undefined, "ask")).toEqual({ asks, granted: {}, more });
    expect(decideGrant({}, undefined, "ask")).toEqual({ asks: {}, granted: {}, more: [] });
  });

  test("is granted no more than the part that is named, or nothing, and asks no further", () => {
    const part: Permissions = { library: "read" };
    expect(decideGrant(asks, undefined, part)).toEqual({ asks, granted: part, more: [] });
    expect(decideGrant(asks, undefined, "none")).toEqual({ asks, granted: {}, more: [] });
  });
});

describe("a later version", () => {
  test("that asks for the same keeps its grants and needs no answer", () => {
    const same: Permissions = { net: ["a.example"], library: "read" };
    expect(decide(same, same, same)).toMatchObject({ granted: same, more: [] });
  });

  test("that asks for less is granted less", () => {
    const before: Permissions = { net: ["a.example", "b.example"], library: "write" };
    const asks: Permissions = { net: ["a.example"], library: "read" };
    expect(decide(asks, before, before)).toMatchObject({ granted: asks, more: [] });
  });

  test.each<[string, Permissions, Permissions, string[]]>([
    ["a host", { net: ["a.example"] }, { net: ["a.example", "b.example"] }, ["net:b.example"]],
    ["any host", {}, { net: ["b.example"] }, ["net:b.example"]],
    ["a port", { net: ["a.example"] }, { net: ["a.example:8080"] }, ["net:a.example:8080"]],
    ["all subdomains", { net: ["a.b.example"] }, { net: ["*.b.example"] }, ["net:*.b.example"]],
    ["the domain of subdomains", { net: ["*.b.example"] }, { net: ["b.example"] }, ["net:b.example"]],
    ["the library", {}, { library: "read" }, ["library:read"]],
    ["writing to the library", { library: "read" }, { library: "write" }, ["library:write"]],
    ["adding to the library", { library: "write" }, { library: "write+add" }, ["library:add"]],
    ["reading beside adding", { library: "add" }, { library: "read+add" }, ["library:read"]],
  ])("that asks for %s more says so, and has it only when that is accepted", (_, before, asks, more) => {
    const refused = decide(asks, before, before);
    expect(refused.more).toEqual(more);
    expect(permissionNames(refused.granted)).not.toEqual(expect.arrayContaining(more));
    expect(permissionNames(decide(asks, before, before, true).granted)).toEqual(expect.arrayContaining(more));
  });

  test("that asks for a public host under a granted wildcard asks for no more", () => {
    const before: Permissions = { net: ["*.example.org"] };
    const asks: Permissions = { net: ["api.example.org", "*.eu.example.org"] };
    expect(decide(asks, before, before)).toEqual({ asks, granted: asks, more: [] });
  });

  test("that names a local host asks for more than a wildcard, which opens public addresses only", () => {
    const before: Permissions = { net: ["*.lan"] };
    expect(decide({ net: ["nas.lan"] }, before, before).more).toEqual(["net:nas.lan"]);
  });

  test("keeps away what the owner took away, even when the new is accepted", () => {
    const asked: Permissions = { net: ["a.example", "b.example"], library: "write" };
    const granted: Permissions = { net: ["a.example"], library: "read" };
    const asks: Permissions = { ...asked, net: ["a.example", "b.example", "c.example"] };
    expect(decide(asks, asked, granted)).toMatchObject({ granted, more: ["net:c.example"] });
    expect(decide(asks, asked, granted, true).granted).toEqual({
      net: ["a.example", "c.example"],
      library: "read",
    });
  });

  test("keeps the owner's narrower host under a wildcard that it asks for", () => {
    const asks: Permissions = { net: ["*.example.org"] };
    expect(decide(asks, asks, { net: ["api.example.org"] }).granted).toEqual({ net: ["api.example.org"] });
  });
});

describe("permissions", () => {
  test.each<[Permissions, Permissions, Permissions]>([
    [{ library: "read" }, { library: "write" }, { library: "read" }],
    [{ library: "write" }, { library: "write" }, { library: "write" }],
    [{ library: "read" }, {}, {}],
    [{ library: "add" }, { library: "write" }, {}],
    [{ library: "write+add" }, { library: "read+add" }, { library: "read+add" }],
    [{ library: "write+add" }, { library: "add" }, { library: "add" }],
    [{ net: ["A.example"] }, { net: ["a.example"] }, { net: ["A.example", "a.example"] }],
    [{ net: ["a.example", "b.example"] }, { net: ["a.example"] }, { net: ["a.example"] }],
    [{ net: ["*.b.example"] }, { net: ["x.B.example"] }, { net: ["x.B.example"] }],
    [{ net: ["*.b.example"] }, { net: ["xb.example"] }, {}],
    [{ net: ["*.lan"] }, { net: ["*.nas.lan"] }, { net: ["*.nas.lan"] }],
    [{ net: ["b.example"] }, { net: ["xb.example"] }, {}],
    [{ net: [] }, { net: [] }, {}],
  ])("of %j and %j share %j", (a, b, both) => {
    expect(intersect(a, b)).toEqual(both);
  });

  test("are named by kind", () => {
    expect(permissionNames({ net: ["a.example", "b.example"], library: "read" })).toEqual([
      "net:a.example",
      "net:b.example",
      "library:read",
    ]);
    expect(permissionNames({})).toEqual([]);
  });

  test("of one kind that is new leave out those that are known", () => {
    const known: Permissions = { net: ["a.example"], library: "read" };
    expect(decide({ net: ["a.example", "b.example"], library: "read" }, known, known, true)).toEqual({
      asks: { net: ["a.example", "b.example"], library: "read" },
      granted: { net: ["a.example", "b.example"], library: "read" },
      more: ["net:b.example"],
    });
    expect(decide({ net: ["a.example"], library: "write" }, known, known, true).granted).toEqual({
      net: ["a.example"],
      library: "write",
    });
  });

  test("of a later version that are refused leave the earlier ones", () => {
    const before: Permissions = { net: ["a.example"] };
    const asks: Permissions = { net: ["a.example", "b.example"], library: "read" };
    expect(decideGrant(asks, { requested: before, granted: before }, "none")).toEqual({
      asks,
      granted: before,
      more: [],
    });
    expect(decideGrant(asks, { requested: before, granted: before }, { library: "read" })).toEqual({
      asks,
      granted: { library: "read" },
      more: [],
    });
  });
});

const host = fc.constantFrom(
  "a.example",
  "b.example",
  "x.b.example",
  "*.b.example",
  "*.example",
  "nas.lan",
  "*.lan",
  "a.example:81",
  "127.0.0.1",
);
const permissions: fc.Arbitrary<Permissions> = fc.record(
  {
    net: fc.uniqueArray(host, { maxLength: 4 }),
    library: fc.constantFrom(...libraryAccesses),
  },
  { requiredKeys: [] },
);
const urls = [
  "https://a.example/",
  "https://b.example/",
  "https://x.b.example/",
  "https://y.b.example/",
  "http://nas.lan/",
  "http://a.example:81/",
  "http://127.0.0.1/",
].map((url) => new URL(url));
const reach = { public: 1, local: 2, loopback: 2, itself: 2 } as const;
const powers = (p: Permissions): number[] => [
  ...urls.map((url) => {
    const opened = grantedReach(p.net ?? [], url);
    return opened ? reach[opened] : 0;
  }),
  ...(["read", "write", "add"] as const).map((right) => Number(libraryRights(p.library).includes(right))),
];
const within = (a: Permissions, ...limits: Permissions[]) =>
  powers(a).every((power, i) => power <= Math.max(...limits.map((l) => powers(l)[i] ?? 0)));

describe("for all permissions", () => {
  test("a grant never exceeds what was granted, or what was accepted by name", () => {
    fc.assert(
      fc.property(permissions, permissions, permissions, (asks, asked, granted) => {
        expect(within(decide(asks, asked, granted).granted, granted)).toBe(true);
        expect(within(decide(asks, asked, granted, true).granted, granted, asks)).toBe(true);
      }),
    );
  });

  test("a grant never exceeds what the version asks for", () => {
    fc.assert(
      fc.property(permissions, permissions, permissions, (asks, asked, granted) => {
        expect(within(decide(asks, asked, granted, true).granted, asks)).toBe(true);
      }),
    );
  });

  test("an intersection is within both, in either order", () => {
    fc.assert(
      fc.property(permissions, permissions, (a, b) => {
        const both = intersect(a, b);
        expect(within(both, a) && within(both, b)).toBe(true);
        expect(powers(both)).toEqual(powers(intersect(b, a)));
      }),
    );
  });
});

describe("files", () => {
  test("are no part of the scopes", () => {
    expect(scopesOf({ net: ["a.example"], library: "read", files: ["/a"] })).toEqual({
      net: ["a.example"],
      library: "read",
    });
  });

  test("replace the ones that were granted, each once", () => {
    const scopes: Permissions = { library: "read" };
    const before = { ...scopes, files: ["/old"] };
    expect(withFiles(before, ["/a", "/b", "/a"])).toEqual({ ...scopes, files: ["/a", "/b"] });
    expect(withFiles(before, [])).toEqual(scopes);
    expect(withFiles(before)).toEqual(scopes);
  });

  test("named alone are told from files beside other permissions", () => {
    expect(namesOnlyFiles({ files: [] })).toBe(true);
    expect(namesOnlyFiles({ files: ["/a"], net: [] })).toBe(false);
    expect(namesOnlyFiles({ net: [] })).toBe(false);
  });
});

describe("an open network", () => {
  const manifest = (permissions?: Permissions) => ({ ...(permissions && { permissions }) });

  test("is that of a Perl plugin that names no host", () => {
    const open = [undefined, {}, { net: [] }, { library: "read" as const }];
    for (const permissions of open) {
      expect(hasOpenNetwork({ runtime: "perl", manifest: manifest(permissions) })).toBe(true);
      expect(hasOpenNetwork({ runtime: "deno", manifest: manifest(permissions) })).toBe(false);
    }
    expect(hasOpenNetwork({ runtime: "perl", manifest: manifest({ net: ["a.example"] }) })).toBe(false);
  });

  test.each<[string, Permissions, Permissions, Permissions]>([
    ["neither names hosts", {}, {}, {}],
    ["one names hosts", { net: ["a.example"] }, {}, { net: ["a.example"] }],
    ["the other names hosts", {}, { net: ["a.example"] }, { net: ["a.example"] }],
    ["one names none", {}, { net: [] }, { net: [] }],
    [
      "both name one host",
      { net: ["a.example", "b.example"] },
      { net: ["b.example"] },
      { net: ["b.example"] },
    ],
    ["they share no host", { net: ["a.example"] }, { net: ["b.example"] }, { net: [] }],
    ["both have the library", { library: "write" }, { library: "read" }, { library: "read" }],
  ])("if %s, both allow what they share", (_, a, b, both) => {
    expect(intersectOpen(a, b)).toEqual(both);
  });

  test("is narrowed to the hosts that are named, to none where none is", () => {
    expect(narrowOpen({ library: "read" }, { net: ["a.example"] })).toEqual({ net: ["a.example"] });
    expect(narrowOpen({ library: "read" }, { library: "read" })).toEqual({ net: [], library: "read" });
  });

  test("asks for its hosts, so the others alone must have been asked for", () => {
    expect(withoutHosts({ net: ["a.example"], library: "read" })).toEqual({ library: "read" });
  });

  const current = (granted: Permissions, open?: boolean) => ({
    requested: {},
    granted,
    ...(open !== undefined && { open }),
  });
  test.each<[string, Parameters<typeof decideOpenGrant>, Permissions]>([
    ["a first install has every host", [{}, undefined, "declared"], {}],
    ["a first install with nothing granted has none", [{}, undefined, "none"], { net: [] }],
    ["named hosts narrow it", [{}, undefined, { net: ["a.example"] }], { net: ["a.example"] }],
    ["a plugin with an open network keeps it", [{}, current({}, true), "declared"], {}],
    [
      "what its owner left of it stays",
      [{}, current({ net: ["a.example"] }, true), "all"],
      { net: ["a.example"] },
    ],
    [
      "a plugin of named hosts does not get all",
      [{}, current({ net: ["a.example"] }), "all"],
      { net: ["a.example"] },
    ],
    ["a plugin of no host gets none", [{}, current({}, false), "all"], { net: [] }],
  ])("%s", (_, decision, granted) => {
    expect(decideOpenGrant(...decision)).toMatchObject({ granted, more: [] });
    expect(Object.keys(decideOpenGrant(...decision).granted)).toEqual(Object.keys(granted));
  });
});

test("wildcards over public suffixes are left out, and all else stays", () => {
  expect(withoutPublicSuffixes({ net: ["*.com", "*.a.example"], library: "read" })).toEqual({
    net: ["*.a.example"],
    library: "read",
  });
  expect(withoutPublicSuffixes({ library: "write" })).toEqual({ library: "write" });
});
