import { expect, test } from "vitest";
import { alikeHost, alikeNamespace } from "../../src/admission/look-alikes.ts";

const registries = [
  { name: "Comics", url: "https://plugins.example.org/comics" },
  { name: "Forge", url: "https://github.com/keeper/plugins" },
  { name: "Folder" },
];

test.each([
  ["https://p1ugins.example.org/", "plugins.example.org"],
  ["https://plugins.exarnple.org/", "plugins.example.org"],
  ["https://plugins.exаmple.org/", "plugins.example.org"],
  ["https://plugin.example.org/", "plugins.example.org"],
  ["git@gihtub.com:keeper/plugins.git", "github.com"],
  ["https://plugins.example.org:8443/other", undefined],
  ["https://gitlab.com/keeper/plugins", undefined],
  ["https://elsewhere.example.net/", undefined],
  [undefined, undefined],
])("the registry at %s is taken for one on %s", async (url, known) => {
  const found = await alikeHost(url, registries);
  expect(found?.params.known).toBe(known);
});

const installed = [
  { namespace: "title-cleaner", registry: "REG_1" },
  { namespace: "login", registry: "REG_1" },
];
test.each([
  ["title-c1eaner", "REG_2", "title-cleaner"],
  ["title-cleanre", "REG_2", "title-cleaner"],
  ["title-cleaner", "REG_2", undefined],
  ["title-cleaners", "REG_1", undefined],
  ["logln", "REG_2", undefined],
  ["page-counter", "REG_2", undefined],
])("the plugin %s of %s is taken for %s", async (namespace, registry, known) => {
  expect((await alikeNamespace({ namespace, registry }, installed))?.params.known).toBe(known);
});
