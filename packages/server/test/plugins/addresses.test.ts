import { type Manifest, toNamespace } from "@hitagi/contract";
import { expect, test } from "vitest";
import { patternsOf } from "../../src/plugins/addresses/address-patterns.ts";
import { lanraragiAddresses } from "../../src/plugins/addresses/lanraragi-addresses.ts";
import { sitesOf } from "../../src/plugins/addresses/pattern-sites.ts";
import { siteOf, sourcesIn, webAddressOf } from "../../src/plugins/addresses/web-address.ts";
import { activePlugin } from "./active-plugin.ts";
import { openPlugins } from "./open-plugins.ts";
import { pluginSource } from "./plugin-source.ts";

const reader = (namespace: string, url_regex: string, more: Partial<Manifest> = {}) =>
  pluginSource(
    { namespace: toNamespace(namespace), type: "metadata", url_regex, ...more },
    "return { tags: ['read:' + ctx.arg] };",
  );

test.each([
  ["https://site.example/g/1", "https://site.example/g/1"],
  [" site.example/g/1 ", "https://site.example/g/1"],
  ["site.example:8080", "https://site.example:8080"],
  ["HTTP://site.example", "HTTP://site.example"],
  ["chaika", undefined],
  ["12345", undefined],
  ["file:///etc/passwd", undefined],
  ["", undefined],
])("%j is the address %j", (text, address) => {
  expect(webAddressOf(text)).toBe(address);
});

test.each([
  ["^https?://(e-|ex)hentai\\.org/g/", ["e-hentai.org", "exhentai.org"]],
  ["https?:\\/\\/e(-|x)hentai.org\\/g\\/.*\\/.*", ["e-hentai.org", "exhentai.org"]],
  ["https?://(?:www\\.)?pixiv\\.net/(?:[a-z]{2}/)?artworks/([0-9]+)", ["pixiv.net"]],
  ["^http://(127[.]0[.]0[.]1|site[.]example)[:/]", []],
  ["https://site[.]example/", ["site.example"]],
  ["^https?://[a-z]+\\.example\\.org/", []],
  [".*", []],
  [`https://${"(a|b)".repeat(40)}.org/`, expect.arrayContaining([`${"a".repeat(40)}.org`])],
])("the pattern %j is for %j", (pattern, sites) => {
  expect(sitesOf(pattern)).toEqual(sites);
});

test("sources are the values of source tags, and their site is their host", () => {
  expect(sourcesIn(["a", "Source: site.example/1", "source:", "source:chaika"])).toEqual([
    "site.example/1",
    "chaika",
  ]);
  expect(["https://www.site.example/1", "site.example/2", "chaika"].map(siteOf)).toEqual([
    "site.example",
    "site.example",
    "chaika",
  ]);
});

test("LANraragi's own plugins read their sites, where they are Perl plugins that declare no pattern", () => {
  for (const [namespace, pattern] of lanraragiAddresses) {
    expect(sitesOf(pattern).length, namespace).toBeGreaterThan(0);
    const manifest = { namespace: toNamespace(namespace) };
    expect(patternsOf(activePlugin(manifest, { runtime: "perl" }))).toEqual({ url_regex: pattern });
    expect(patternsOf(activePlugin(manifest))).toEqual({});
  }
});

test("an address goes to the first enabled plugin that reads it, else to the first by name, and never first to a broken one", async () => {
  const { plugins, sideload, active } = await openPlugins();
  const site = "^https://site\\.example/g/";
  await sideload(
    reader("a", site),
    reader("b", site),
    reader("c", site),
    reader("other", "^https://other\\.example/"),
  );
  const chosen = async (url = "site.example/g/1") => (await plugins.addresses.choose(url)).namespace;
  expect(await chosen()).toBe("a");
  await plugins.configure("c", { enabled: true, priority: 2 });
  expect(await chosen()).toBe("c");
  await plugins.configure("b", { enabled: true, priority: 1 });
  expect(await chosen()).toBe("b");
  active.patch("b", { health: { state: "quarantined", reason: "it crashes" } });
  expect(await chosen()).toBe("c");
  const listed = await plugins.addresses.list("site.example/g/1");
  expect(listed.map(({ plugin, usable }) => [plugin, usable])).toEqual([
    ["c", true],
    ["a", true],
    ["b", false],
  ]);
  expect(await plugins.addresses.list(undefined)).toHaveLength(4);
  expect(await plugins.addresses.list("no address")).toEqual([]);
});

test("an address that no plugin reads is refused with the plugins that there are, and their sites", async () => {
  const { plugins, sideload } = await openPlugins();
  const refused = plugins.addresses.choose("https://unknown.example/1");
  await expect(refused).rejects.toMatchObject({
    code: "NO_ADDRESS_READER",
    message: expect.stringContaining("https://unknown.example/1"),
    hint: expect.stringContaining("none is installed"),
  });
  await sideload(
    reader("a", "^https://(www\\.)?site\\.example/"),
    reader("b", "^https?://[a-z]+\\.example/x"),
  );
  await expect(plugins.addresses.choose("unknown.example/1")).rejects.toMatchObject({
    hint: expect.stringContaining("a (site.example), b (see its url_regex or source_regex)"),
  });
});

test("archives are counted by the plugin that reads their first known source", async () => {
  const { plugins, sideload, addArchive } = await openPlugins();
  await sideload(reader("a", "^https://a\\.example/"), reader("b", "^https://b\\.example/"));
  await addArchive("1", "x, source:a.example/1, source:b.example/1");
  await addArchive("2", "source:unknown.example/1, source:https://a.example/2");
  const { id } = await addArchive("3", "source:b.example/3");
  await addArchive("4", "x");
  await addArchive("5", "source:unknown.example/5");
  await addArchive("6", "source:www.unknown.example/6");
  await addArchive("7", "source:chaika");
  expect(await plugins.addresses.countSources(undefined)).toEqual({
    archives: 7,
    readable: 3,
    without_source: 1,
    unknown_source: 3,
    plugins: [
      { plugin: "a", name: "The a", archives: 2 },
      { plugin: "b", name: "The b", archives: 1 },
    ],
    unknown: [
      { site: "unknown.example", archives: 2 },
      { site: "chaika", archives: 1 },
    ],
  });
  expect(await plugins.addresses.countSources([id])).toMatchObject({ archives: 1, readable: 1 });
});

test("a plugin is chosen by its source_regex too, for a pasted address and for a source: tag", async () => {
  const { plugins, sideload, addArchive } = await openPlugins();
  const fields = { namespace: "moved", type: "metadata", source_regex: "^https://old\\.example/" } as const;
  await sideload(pluginSource({ ...fields, url_regex: "^https://new\\.example/" }, "return {};"));
  for (const url of ["https://new.example/1", "old.example/1"])
    expect((await plugins.addresses.choose(url)).namespace).toBe("moved");
  await expect(plugins.addresses.choose("https://other.example/1")).rejects.toMatchObject({
    hint: expect.stringContaining("moved (new.example, old.example)"),
  });
  const { id } = await addArchive("1", "source:old.example/7");
  expect(await plugins.addresses.countSources([id])).toMatchObject({ readable: 1 });
  expect(await plugins.addresses.list("https://old.example/1")).toMatchObject([
    {
      plugin: "moved",
      url_regex: fields.source_regex.replace("old", "new"),
      source_regex: fields.source_regex,
    },
  ]);
});
