import { expect, test } from "vitest";
import { askForRight } from "../../src/kit/ask-for-right.ts";
import { readManifestSource } from "../../src/kit/manifest-source.ts";

const net = (value: string) => ({ permission: "net" as const, value, message: "" });
const library = (value: string) => ({ permission: "library" as const, value, message: "" });

const HEAD = 'import type { ScriptPlugin } from "@hitagi/sdk";\n\ntype A = { b: string };\n';
const plugin = (fields: string): string => `${HEAD}
export default {
  namespace: "x",
  ${fields}
  async run(): Promise<number> {
    return 1;
  },
} satisfies ScriptPlugin;
`;

test.each([
  ["no permissions", 'name: "X",', net("a.example"), '  permissions: { net: ["a.example"] },\n  async run'],
  ["empty permissions", "permissions: {},", net("a.example"), 'permissions: { net: ["a.example"] }'],
  [
    "other permissions",
    'permissions: { library: "read" },',
    net("a.example"),
    '{ net: ["a.example"], library: "read" }',
  ],
  [
    "other hosts",
    'permissions: { net: ["b.example"] },',
    net("a.example"),
    'net: ["a.example", "b.example"]',
  ],
  ["no hosts", "permissions: { net: [] },", net("a.example"), 'net: ["a.example"]'],
  ["less access", 'permissions: { library: "read" },', library("add"), 'library: "read+add"'],
  [
    "no access",
    'permissions: { net: ["b.example"] },',
    library("write"),
    '{ library: "write", net: ["b.example"] }',
  ],
])("a right is written into a manifest with %s", async (_, fields, right, expected) => {
  expect(await askForRight("x.ts", plugin(fields), right)).toContain(expected);
});

test("a manifest that is made by a function is left alone", async () => {
  const source = 'const make = () => ({ namespace: "x" });\nexport default make();\n';
  expect(await askForRight("x.js", source, net("a.example"))).toBeUndefined();
});

test("fields are found where the source has them, also in a constant", async () => {
  const source = `${HEAD}
const parameters = {
  token: { type: "secret" },
} as const;
const plugin = {
  namespace: "x",
  parameters,
  run: () => 1,
} satisfies ScriptPlugin;
export default plugin;
`;
  const manifest = await readManifestSource("x.ts", source);
  expect(manifest.placeOf(["parameters", "token"])).toEqual({ line: 6, column: 3 });
  expect(manifest.placeOf(["parameters", "none"])).toEqual({ line: 10, column: 3 });
  expect(manifest.entryPoint()).toEqual({ line: 11, column: 3 });
  expect((await readManifestSource("x.ts", "export default {")).placeOf(["type"])).toEqual({
    line: 1,
    column: 1,
  });
});
