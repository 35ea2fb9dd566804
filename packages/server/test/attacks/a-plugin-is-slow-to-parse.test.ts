import { expect, test } from "vitest";
import { runGood, script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const MB = 1024 * 1024;
const fill = (text: string, bytes = MB): string => text.repeat(bytes / text.length);

test.each([
  ["brackets in brackets", `const a = ${fill("[", MB / 2)}${fill("]", MB / 2)};`],
  ["parentheses that may be arguments", `const a = ${fill("(", MB / 2)}`],
  ["types in types", `type A = ${fill("A<", MB / 2)}${fill(">", MB / 2)};`],
  ["templates in templates", `const a = ${fill("`${", MB / 2)}`],
  ["comments", fill("/**/")],
  ["comments on lines", fill("//\n")],
  ["imports of types", fill(`import { type A } from "@hitagi/sdk";\n`)],
  ["divisions and patterns", `const a = 1 ${fill("/ 1 / 1 ")};`],
  ["values", `const a = [${fill("1,")}];`],
  ["statements", fill("f<A>(1 as B);\n", MB - 1024)],
])("by a megabyte of %s, and other plugins run meanwhile and load after it", async (name, top) => {
  await runGood(shared());
  const settled: string[] = [];
  const check = shared()
    .vet(script("return 1", `function f<T>(a: T): T { return a }\n${top}`), 20_000)
    .then(
      () => "loaded",
      (e: { code: string }) => e.code,
    );
  await Promise.all([
    check.then(() => settled.push("the slow one")),
    runGood(shared()).then(() => settled.push("another")),
  ]);
  expect(settled).toEqual(["another", "the slow one"]);
  expect(["loaded", "LOAD_FAILED"]).toContain(await check);
  expect(await shared().call(script(`return ${JSON.stringify(name)}`), request())).toBe(name);
});
