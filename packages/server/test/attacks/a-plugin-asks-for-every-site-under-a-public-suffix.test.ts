import { expect, test } from "vitest";
import { permissionTexts } from "../../src/cli/format.ts";
import { isPublicSuffixWildcard } from "../../src/net/public-suffix.ts";
import { decideGrant } from "../../src/runtimes/broker/grants.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

const SUFFIXES = [
  "*.com",
  "*.co.uk",
  "*.github.io",
  "*.COM",
  "*.com:8443",
  "*.s3.amazonaws.com",
  "*.local",
  // A name under these holds the address that it leads to.
  "*.nip.io",
  "*.SSLIP.io:8080",
];
const HOSTS = [
  "*.example.org",
  "example.com",
  "*.user.github.io",
  "*.mine.nip.io",
  "github.io",
  "127.0.0.1:8080",
  "localhost",
];

test.each(SUFFIXES)("%s is a wildcard over a public suffix", (host) => {
  expect(isPublicSuffixWildcard(host)).toBe(true);
  expect(permissionTexts({ net: [host] })[0]).toMatch(/^reach every site under .*, of any owner/);
});

test.each(HOSTS)("%s is none", (host) => {
  expect(isPublicSuffixWildcard(host)).toBe(false);
  expect(permissionTexts({ net: [host] })).toEqual([`reach ${host}`]);
});

const asks = { net: ["*.com", "api.example.org"] };
const rest = { net: ["api.example.org"] };

test.each(["all", "declared"] as const)("a first install by %s does not grant it", (choice) => {
  expect(decideGrant(asks, undefined, choice).granted).toEqual(rest);
});

test("an upgrade that grants all that is new does not grant it, and keeps one that was granted by name", () => {
  const before = { requested: rest, granted: rest };
  expect(decideGrant(asks, before, "all").granted).toEqual(rest);
  expect(decideGrant(asks, { requested: asks, granted: asks }, "all").granted).toEqual(asks);
});

test("only a grant that names it opens it, also for an installed plugin", async () => {
  const { sideload, plugins } = await openPlugins();
  await sideload(pluginSource({ namespace: "greedy", type: "script", permissions: asks }, "return 1;"));
  expect(await plugins.grant("greedy")).toEqual(rest);
  expect(await plugins.grant("greedy", { net: ["*.com"] })).toEqual({ net: ["*.com"] });
});
