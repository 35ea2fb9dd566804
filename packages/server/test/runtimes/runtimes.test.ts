import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import { runtimeFor } from "../../src/runtimes/runtimes.ts";

test("a file's runtime is found by its extension", () => {
  const deno = createDenoRuntime({ log: pino({ level: "silent" }), standby: 0 });
  onTestFinished(() => deno.stop());
  expect(runtimeFor([deno], "foo.ts")).toBe(deno);
  expect(runtimeFor([deno], "Managed/Metadata/FOO.MJS")).toBe(deno);
  expect(runtimeFor([deno], "foo.pm")).toBeUndefined();
  expect(runtimeFor([], "foo.ts")).toBeUndefined();
});
