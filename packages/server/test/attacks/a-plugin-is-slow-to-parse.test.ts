import { expect, onTestFinished, test } from "vitest";
import { createCompiler } from "../../src/runtimes/deno/compiler.ts";
import { createLauncher } from "../../src/runtimes/deno/launcher.ts";
import { processTree, readProc } from "../../src/runtimes/processes/process-tree.ts";
import { good, runGood, script, sharedRuntime } from "../runtimes/deno/fixture.ts";
import { request } from "../runtimes/runtime-contract.ts";

// Deno alone has to hold.
const shared = sharedRuntime({ bwrap: null });

const MB = 1024 * 1024;
const fill = (text: string, bytes = MB): string => text.repeat(bytes / text.length);
/** Statements that take long to parse. */
const statements = (bytes: number): string => fill("f<A>(1 as B);\n", bytes);
const slow = statements(MB - 1024);
/** Too deep to be parsed, which is found soon, so slow statements are before it. */
const nested = (text: string): string => statements(MB / 8) + text;

/** Stops the compilers of this process, so that what they compile takes as long as a test needs. @returns lets them go on */
const holdCompilers = () => {
  const pids = processTree(process.pid).filter((pid) => readProc(`${pid}/cmdline`).includes("compiler.js"));
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) process.kill(pid, name);
  };
  signal("SIGSTOP");
  return () => signal("SIGCONT");
};

test.each([
  ["brackets in brackets", nested(`const a = ${fill("[", MB / 4)}${fill("]", MB / 4)};`)],
  ["parentheses that may be arguments", nested(`const a = ${fill("(", MB / 2)}`)],
  ["types in types", nested(`type A = ${fill("A<", MB / 2)}${fill(">", MB / 4)};`)],
  ["templates in templates", nested(`const a = ${fill("`${", MB / 2)}`)],
  ["comments", fill("/**/")],
  ["comments on lines", fill("//\n")],
  ["imports of types", fill(`import { type A } from "@hitagi/sdk";\n`)],
  ["divisions and patterns", `const a = 1 ${fill("/ 1 / 1 ")};`],
  ["values", `const a = [${fill("1,")}];`],
  ["statements", slow],
])("by a megabyte of %s, and other plugins run meanwhile and load after it", async (name, top) => {
  await runGood(shared());
  // The compiler runs.
  await shared().vet(script(`return ${JSON.stringify(`before ${name}`)}`), 20_000);
  const settled: string[] = [];
  const goOn = holdCompilers();
  const check = shared()
    .vet(script("return 1", `function f<T>(a: T): T { return a }\n${top}`), 20_000)
    .then(
      () => "loaded",
      (e: { code: string }) => e.code,
    );
  await Promise.all([
    check.then(() => settled.push("the slow one")),
    runGood(shared())
      .then(() => settled.push("another"))
      .finally(goOn),
  ]);
  expect(settled).toEqual(["another", "the slow one"]);
  expect(["loaded", "LOAD_FAILED"]).toContain(await check);
  expect(await shared().call(script(`return ${JSON.stringify(name)}`), request())).toBe(name);
});

test("what was compiled before does not wait behind a slow file", async () => {
  const launcher = await createLauncher({ memoryMb: 256, bwrap: null });
  const compiler = createCompiler(async () => launcher.startCompiler());
  onTestFinished(async () => {
    await compiler.stop();
    await launcher.dispose();
  });
  const compiled = await compiler.compile(good);
  const settled: string[] = [];
  const goOn = holdCompilers();
  const compiling = compiler.compile(script("return 1", `function f<T>(a: T): T { return a }\n${slow}`));
  await Promise.all([
    // A machine with little memory may end it: it takes long either way.
    compiling.then(
      () => settled.push("the slow one"),
      () => settled.push("the slow one"),
    ),
    compiler
      .compile(good)
      .then((again) => settled.push(again))
      .finally(goOn),
  ]);
  expect(settled).toEqual([compiled, "the slow one"]);
});
