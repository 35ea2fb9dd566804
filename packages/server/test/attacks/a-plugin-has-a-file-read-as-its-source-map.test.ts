import { writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { codeOf, request } from "../runtimes/runtime-contract.ts";
import { tempFolder } from "../support/temp-folder.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const mapFile = async (): Promise<string> => {
  const file = path.join(await tempFolder(), "kept.map");
  const map = { version: 3, sources: ["file:///KEPT"], names: [], mappings: "AAAA;AAAA;AAAA;AAAA;AAAA" };
  await writeFile(file, JSON.stringify(map));
  return pathToFileURL(file).href;
};

const BODY = `return new Error("x").stack`;

describe.each(["probe.ts", "probe.js"])("%s", (filename) => {
  test.each([
    ["a comment", (url: string) => `//# sourceMappingURL=${url}`],
    ["the old form", (url: string) => `//@ sourceMappingURL=${url}`],
    ["a block", (url: string) => `/*# sourceMappingURL=${url} */`],
    ["a block of the old form", (url: string) => `/*@ sourceMappingURL=${url} */`],
    ["a name for the code", (url: string) => `//# sourceURL=${url}`],
    ["a tabulator", (url: string) => `//#\tsourceMappingURL=${url}`],
    ["a text that looks like the start of a comment", (url: string) => `"/*";//# sourceMappingURL=${url}`],
    ["a line separator before it", (url: string) => `//\u2028//# sourceMappingURL=${url}`],
    ["the end of a template", (url: string) => `\`//\`;//# sourceMappingURL=${url}`],
    ["a template", (url: string) => `\`\n//# sourceMappingURL=${url}\``],
    ["a text", (url: string) => `"\\\n//# sourceMappingURL=${url}"`],
  ])("by %s", async (_, comment) => {
    const source = `${script(BODY).source.toString()}\n${comment(await mapFile())}`;
    const stack = await shared().call(codeOf(source, filename), request());
    expect(stack).toContain("Error: x");
    expect(stack).not.toMatch(/KEPT|kept/);
  });
});

test("in code that is written anew, whose stack has the places of the source by a map of our own", async () => {
  const url = await mapFile();
  const source = `enum A { B }\n//# sourceMappingURL=${url}\n${script(BODY).source.toString()}\n//# sourceMappingURL=${url}`;
  const stack = await shared().call(codeOf(source, "probe.ts"), request());
  expect(stack).toMatch(/^ *at Object\.run \(blob:[^)]*:5:8\)$/m);
  expect(stack).not.toMatch(/KEPT|kept/);
});
