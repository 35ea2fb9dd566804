import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import type { UseRequest } from "../../src/plugins/types.ts";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

/** A metadata plugin that exceeds its memory limit for some arguments and for the archive `poison`. */
const tagger = pluginSource(
  { namespace: "tagger", type: "metadata" },
  `if (!ctx.arg.startsWith("eat") && ctx.archive.title !== "poison") return {};
   const eaten = [];
   for (;;) eaten.push(new Array(1e6).fill(0.5));`,
);

const setup = async () => {
  const runtime = createDenoRuntime({ log: pino({ level: "silent" }), memoryMb: 64 });
  onTestFinished(() => runtime.stop());
  const open = await openPlugins({ runtimes: [runtime] });
  await open.sideload(tagger);
  const good = (await open.addArchive("good")).id;
  const poison = (await open.addArchive("poison")).id;
  const use = (key: string, more: Partial<UseRequest>) =>
    open.plugins.use({ namespace: "tagger", archive: good, actor: { kind: "api", key }, ...more }).then(
      () => "ok",
      (error) => error.code,
    );
  const state = async () => (await open.plugins.record("tagger")).health.state;
  return { ...open, use, state, poison };
};

test("with ever new arguments: the caller is refused, others go on", async () => {
  const { use, state } = await setup();
  const outcomes = [];
  for (let n = 0; n < 5; n++) outcomes.push(await use("attacker", { arg: `eat ${n}` }));
  const crash = "PLUGIN_CRASHED";
  expect(outcomes).toEqual([crash, crash, crash, "PLUGIN_CALLS_CRASHED", "PLUGIN_CALLS_CRASHED"]);
  expect(await state()).toBe("ok");
  expect(await use("owner", {})).toBe("ok");
});

test("while another caller's calls are in its process: that one is neither refused nor a second caller", async () => {
  const { use, state, plugins, sideload } = await setup();
  await sideload(
    tagger.replace(
      "if (!ctx",
      `if (ctx.arg === "wait") return new Promise(() => setTimeout(() => {}, 1e9)); if (!ctx`,
    ),
  );
  for (let n = 0; n < 4; n++) {
    const waiting = use("owner", { arg: "wait" });
    expect(await use("attacker", { arg: `eat ${n}` })).toBe("PLUGIN_CRASHED");
    expect(await waiting).toBe("PLUGIN_CRASHED");
  }
  expect(await state()).toBe("ok");
  expect(await use("owner", {})).toBe("ok");
  expect((await plugins.record("tagger")).health.state).toBe("ok");
});

test("one archive that ends it for every caller is one cause, and a second one is another", async () => {
  const { use, state, poison, addArchive } = await setup();
  for (const key of ["ann", "bob", "ann", "bob", "carol"]) {
    expect(await use(key, { archive: poison })).toBe("PLUGIN_CRASHED");
  }
  expect(await state()).toBe("ok");
  const more = (await addArchive("poison 2", "", "poison")).id;
  expect(await use("carol", { archive: more })).toBe("PLUGIN_CRASHED");
  expect(await state()).toBe("quarantined");
});
