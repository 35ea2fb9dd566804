import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
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

/** @param root the data folder of an earlier server */
const setup = async (root?: string) => {
  const runtime = createDenoRuntime({ log: pino({ level: "silent" }), memoryMb: 64 });
  onTestFinished(() => runtime.stop());
  const open = await openPlugins({ runtimes: [runtime], ...(root !== undefined && { root }) });
  await open.sideload(tagger);
  const add = async (title: string) => (await open.addArchive(`${title} ${root ?? ""}`, "", title)).id;
  const [good, poison] = [await add("good"), await add("poison")];
  const use = (key: string, more: Partial<UseRequest>) =>
    open.plugins.use({ namespace: "tagger", archive: good, actor: { kind: "api", key }, ...more }).then(
      () => "ok",
      (error) => error.code,
    );
  const state = async () => (await open.plugins.record("tagger")).health.state;
  return { ...open, use, state, poison };
};

const crash = "PLUGIN_CRASHED";
const refused = "PLUGIN_CALLS_CRASHED";

test("with ever new arguments: the caller is refused, others go on", async () => {
  const { use, state } = await setup();
  const outcomes = [];
  for (let n = 0; n < 5; n++) outcomes.push(await use("attacker", { arg: `eat ${n}` }));
  expect(outcomes).toEqual([crash, crash, crash, refused, refused]);
  expect(await state()).toBe("ok");
  expect(await use("owner", {})).toBe("ok");
});

/** Calls that never end, for the argument `wait`. */
const waiting = tagger.replace(
  "if (!ctx",
  `if (ctx.arg === "wait") return new Promise(() => setTimeout(() => {}, 1e9)); if (!ctx`,
);

/** A clock that stands still: no call counts as held up, and so none goes to another process and crashes that too. */
const stopClock = () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
};

test("while another caller's call is in its process: that fails once, then both run apart, and the one at fault is refused", async () => {
  stopClock();
  const { use, state, sideload } = await setup();
  await sideload(waiting);
  const first = use("owner", { arg: "wait" });
  expect(await use("attacker", { arg: "eat 1" })).toBe(crash);
  expect(await first).toBe(crash);
  const stop = new AbortController();
  const second = use("owner", { arg: "wait", signal: stop.signal });
  const outcomes = [];
  for (let n = 2; n < 6; n++) outcomes.push(await use("attacker", { arg: `eat ${n}` }));
  expect(outcomes).toEqual([crash, crash, crash, refused]);
  expect(await use("owner", {})).toBe("ok");
  stop.abort();
  expect(await second).toBe("PLUGIN_CANCELLED");
  expect(await state()).toBe("ok");
});

test("with honest calls between: each crash is counted", async () => {
  stopClock();
  const { use, state, sideload } = await setup();
  await sideload(waiting);
  const first = use("owner", { arg: "wait" });
  expect(await use("attacker", { arg: "eat 0" })).toBe(crash);
  await first;
  const outcomes = [];
  for (let n = 1; n < 5; n++)
    outcomes.push(await use("attacker", {}), await use("attacker", { arg: `eat ${n}` }));
  expect(outcomes).toEqual(["ok", crash, "ok", crash, "ok", crash, refused, refused]);
  expect(await state()).toBe("ok");
});

test("after a restart the counts begin anew", async () => {
  const { use, plugins, close, root } = await setup();
  for (let n = 0; n < 3; n++) expect(await use("attacker", { arg: `eat ${n}` })).toBe(crash);
  expect(await use("attacker", {})).toBe(refused);
  const record = await plugins.record("tagger");
  await close();
  const again = await setup(root);
  expect(await again.use("attacker", {})).toBe("ok");
  expect(await again.plugins.record("tagger")).toMatchObject({ sha256: record.sha256 });
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
