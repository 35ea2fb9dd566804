import { toNamespace } from "@hitagi/contract";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { createReadableStacks } from "../../../src/runtimes/stack/readable-stack.ts";

const STACK = `Error: no
    at deep (blob:null/62c2e506-fa23-4834-9386-ceae9eafa3c9:1:9)
    at Object.run (blob:null/62c2e506-fa23-4834-9386-ceae9eafa3c9:2:3)
    at async vn (file:///harness/harness.js:18:922)`;

const codeOf = (source: string) => ({
  namespace: toNamespace("a"),
  sha256: source.slice(-64),
  filename: "bundle.js",
  source: Buffer.from(source),
});

/** @param map a source map, or any text in its place */
const withMap = (map: object | string) => {
  const text = typeof map === "string" ? map : JSON.stringify(map);
  return codeOf(
    `code();\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(text).toString("base64")}`,
  );
};

const PLAIN = "    at deep (bundle.js:1:9)\n    at Object.run (bundle.js:2:3)";

test("a stack has the file's name and no frames of the server", async () => {
  expect(await createReadableStacks().of(codeOf("code();"), STACK)).toBe(PLAIN);
});

test("a bundle's stack has the places in its sources", async () => {
  const { outputFiles } = buildSync({
    stdin: {
      contents: "\n\n  export const thrower = () => {\n    throw new Error('x');\n  };",
      sourcefile: "src/thrower.ts",
    },
    sourcemap: "inline",
    format: "esm",
    outfile: "bundle.js",
    write: false,
  });
  const code = outputFiles[0]?.text ?? "";
  const line = code.split("\n").findIndex((text) => text.includes("throw new"));
  const column = (code.split("\n")[line] ?? "").indexOf("throw");
  const stack = `Error\n    at thrower (blob:null/a-b:${line + 1}:${column + 1})`;
  expect(await createReadableStacks().of(codeOf(code), stack)).toBe("    at thrower (src/thrower.ts:4:5)");
});

test.each([
  ["is no JSON", "{"],
  ["has no mappings", {}],
  ["is nested deeply", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`],
  ["has mappings of another type", { version: 3, sources: ["a"], names: [], mappings: 7 }],
  ["names a source of another type", { version: 3, sources: [{ a: 1 }], names: [], mappings: "AAAA" }],
  [
    "has segments that lead nowhere",
    { version: 3, sources: ["a"], names: [], mappings: "AAAA,SgggggggggE,zzzzzz" },
  ],
])("a map that %s leaves the places in the file", async (_name, map) => {
  expect(await createReadableStacks().of(withMap(map), STACK)).toContain("at Object.run (");
});

test("a map that is too expensive ends its thread only, and is not read again", async () => {
  const mappings = ";".repeat(6_000_000);
  let asked = 0;
  const { mapPositions } = await import("../../../src/runtimes/stack/map-positions.ts");
  const stacks = createReadableStacks((question) => {
    asked += 1;
    return mapPositions(question);
  });
  const code = withMap({
    version: 3,
    sources: ["a"],
    names: [],
    mappings: `${"AAAA,".repeat(3_000_000)}${mappings}`,
  });
  expect(await stacks.of(code, STACK)).toBe(PLAIN);
  expect(await stacks.of(code, `${STACK}\n    at other (blob:null/x:3:3)`)).toContain("bundle.js:3:3");
  expect(asked).toBe(1);
});

test("equal stacks are mapped once", async () => {
  let asked = 0;
  const stacks = createReadableStacks(async ({ positions }) => {
    asked += 1;
    return positions.map(() => ({ source: "a.ts\u001b[2J", line: 7, column: 1 }));
  });
  const code = withMap({});
  expect(await stacks.of(code, STACK)).toContain("at deep (a.ts [2J:7:1)");
  await stacks.of(code, STACK);
  expect(asked).toBe(1);
});
