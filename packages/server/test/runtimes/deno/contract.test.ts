import { pino } from "pino";
import { describe } from "vitest";
import { createDenoRuntime } from "../../../src/runtimes/deno/deno.ts";
import { runtimeContract } from "../runtime-contract.ts";

const plugin = (run: string, version = "1.0.0"): string => `
  import type { ScriptPlugin } from "@hitagi/sdk";
  interface Context { arg: string; settings: object; library: { get(id: string): Promise<unknown> } }
  export default {
    namespace: "probe", type: "script", name: "Probe", version: "${version}", author: "me",
    async run(ctx: Context): Promise<unknown> { ${run} },
  } satisfies ScriptPlugin;`;

describe.each([null, undefined])("with bubblewrap %s", (bwrap) => {
  runtimeContract(() => createDenoRuntime({ log: pino({ level: "silent" }), bwrap }), {
    filename: "probe.ts",
    echo: (version) => plugin("return { arg: ctx.arg, settings: ctx.settings };", version),
    failing: plugin(`throw new Error("no luck");`),
    looping: plugin(`await ctx.library.get(""); for (;;);`),
    asking: plugin("return ctx.library.get(ctx.arg);"),
    dying: plugin("const all = []; for (;;) all.push(new Array(1e6).fill(0.5));"),
    broken: "this is not TypeScript",
    loopingLoad: "for (;;);",
  });
});
