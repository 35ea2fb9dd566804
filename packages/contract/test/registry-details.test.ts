import { Check } from "typebox/value";
import { expect, test } from "vitest";
import { RegistryDetails } from "../src/index.ts";

const yank = { sha256: "ab".repeat(32), reason: "Deletes files.", at: "2026-11-29T12:00:00Z" };
const version = {
  changelog: "- Finds more tags",
  size: 4711,
  permissions: { net: ["api.example.org"] },
  requires: { hitagi: ">=0.1.0", plugins: { "site-login": "^1.0.0" } },
};
const plugin = {
  homepage: "https://example.org/site-tags",
  source: "https://example.org/site-tags.git",
  licence: "MIT",
  icon: "data:image/png;base64,iVBORw0KGgo=",
  readme: "# Site tags",
  tags: ["manga"],
  deprecated: { reason: "The site has closed.", replacement: "other-tags" },
  versions: { "1.1.0-beta.1+build": version },
  yanked: { "1.0.0": { ...yank, dangerous: true } },
};
const details = {
  version: 1,
  name: "Example",
  description: "Plugins for the examples.",
  homepage: "https://example.org",
  contact: "keeper@example.org",
  plugins: { "site-tags": plugin },
};

/** The details with a plugin whose fields are changed. */
const withPlugin = (fields: object) => ({ ...details, plugins: { "site-tags": { ...plugin, ...fields } } });
const withVersion = (fields: object) => withPlugin({ versions: { "1.1.0": { ...version, ...fields } } });
const withYank = (fields: object) => withPlugin({ yanked: { "1.0.0": { ...yank, ...fields } } });

test.each([
  ["every field", details],
  ["no plugin", { version: 1, plugins: {} }],
  ["a plugin without a word", { version: 1, plugins: { echo: {} } }],
  ["a version without permissions", withVersion({ permissions: {} })],
  ["fields of a later version", { ...withVersion({ later: 1 }), later: {} }],
])("has %s", (_, value) => {
  expect(Check(RegistryDetails, value)).toBe(true);
});

test.each([
  ["another version", { ...details, version: 2 }],
  ["no plugins", { version: 1 }],
  ["a key that is no namespace", { ...details, plugins: { "Site Tags": plugin } }],
  ["an address that is a script", withPlugin({ homepage: "javascript:alert(1)" })],
  ["an address with a line end", withPlugin({ homepage: "https://example.org/\n" })],
  ["an icon that is loaded from elsewhere", withPlugin({ icon: "https://example.org/a.png" })],
  ["an icon that can hold scripts", withPlugin({ icon: "data:image/svg+xml;base64,AAAA" })],
  ["a readme that is too long", withPlugin({ readme: "x".repeat(65_537) })],
  ["too many tags", withPlugin({ tags: Array.from({ length: 33 }, (_, n) => `tag ${n}`) })],
  ["a version that is none", withPlugin({ versions: { "1.0": version } })],
  ["a version with a leading zero", withPlugin({ versions: { "1.01.0": version } })],
  ["a changelog that is too long", withVersion({ changelog: "x".repeat(16_385) })],
  ["a size that no artifact has", withVersion({ size: 8 * 1024 * 1024 + 1 })],
  ["permissions that no manifest has", withVersion({ permissions: { run: true } })],
  ["a required plugin that has no namespace", withVersion({ requires: { plugins: { "A B": "*" } } })],
  ["a yank without a hash", withYank({ sha256: undefined })],
  ["a yank without a reason", withYank({ reason: "" })],
  ["a yank with a time of another form", withYank({ at: "yesterday" })],
  ["a yanked version that is none", withPlugin({ yanked: { latest: yank } })],
])("does not have %s", (_, value) => {
  expect(Check(RegistryDetails, JSON.parse(JSON.stringify(value)))).toBe(false);
});
