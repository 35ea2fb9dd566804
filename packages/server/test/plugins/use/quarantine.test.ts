import { toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createDenoRuntime } from "../../../src/runtimes/deno/deno.ts";
import { openPlugins, warnings } from "../open-plugins.ts";
import { pluginSource } from "../plugin-source.ts";

/** Exceeds its memory limit if its argument says so, which ends its process. */
const glutton = (namespace: string, version = "1.0.0") =>
  pluginSource(
    { namespace: toNamespace(namespace), type: namespace === "tagger" ? "metadata" : "script", version },
    `if (ctx.arg !== "eat") return {};
     const eaten = [];
     for (;;) eaten.push(new Array(1e6).fill(0.5));`,
  );

const setup = async () => {
  const runtime = createDenoRuntime({ log: pino({ level: "silent" }), memoryMb: 64 });
  onTestFinished(() => runtime.stop());
  return openPlugins({ runtimes: [runtime] });
};

const crashed = { code: "PLUGIN_CRASHED" };

const guest = { kind: "api", key: "guest" } as const;

test("a caller whose calls crash a plugin three times is refused, and the plugin runs for others", async () => {
  const { plugins, sideload } = await setup();
  await sideload(glutton("script"));
  const eat = { namespace: "script" as const, arg: "eat", actor: guest };
  for (let i = 0; i < 3; i++) await expect(plugins.use(eat)).rejects.toMatchObject(crashed);
  await expect(plugins.use({ ...eat, arg: "" })).rejects.toMatchObject({
    code: "PLUGIN_CALLS_CRASHED",
    message: expect.stringMatching(/^Calls of the key guest ended the process of script 3 times/),
  });
  expect((await plugins.record("script")).health).toEqual({ state: "ok" });
  expect(await plugins.use({ namespace: "script" })).toMatchObject({ type: "script" });
});

test("a plugin that crashes for several callers is quarantined, also after a restart, until it is enabled again", async () => {
  const open = await setup();
  const { plugins, sideload, addArchive, lines } = open;
  await sideload(glutton("tagger"));
  const archives = [await addArchive("one"), await addArchive("two")];
  const [eat, other] = archives.map(({ id }) => ({ namespace: "tagger" as const, arg: "eat", archive: id }));
  if (!eat || !other) throw new Error("two archives were added");
  for (const request of [eat, eat, { ...other, actor: guest }]) {
    expect((await plugins.record("tagger")).health).toEqual({ state: "ok" });
    await expect(plugins.use(request)).rejects.toMatchObject(crashed);
  }
  expect((await plugins.record("tagger")).health).toMatchObject({
    state: "quarantined",
    reason: expect.stringContaining("3 times within 10 minutes"),
    since: expect.any(Number),
  });
  await expect(plugins.use({ ...eat, arg: "" })).rejects.toMatchObject({ code: "PLUGIN_QUARANTINED" });
  expect(warnings(lines)).toEqual([expect.stringMatching(/^tagger: tagger is quarantined\. Roll it back/)]);

  await plugins.scan();
  await expect(plugins.use({ ...eat, arg: "" })).rejects.toMatchObject({ code: "PLUGIN_QUARANTINED" });
  await plugins.configure("tagger", { enabled: true });
  expect(await plugins.use({ ...eat, arg: "" })).toMatchObject({ type: "metadata" });
  expect((await open.store.plugins.get("tagger"))?.quarantine).toBeUndefined();
});

test("calls ended by one crash count once, and a quarantined script can be enabled again too", async () => {
  const { plugins, sideload, active, store } = await setup();
  await sideload(glutton("script"));
  const eat = { namespace: "script" as const, arg: "eat" };
  const together = await Promise.allSettled([eat, eat, eat, eat].map(plugins.use));
  expect(together.map((o) => o.status)).toEqual(Array(4).fill("rejected"));
  expect(active.get("script")?.health).toEqual({ state: "ok" });

  await store.plugins.quarantine("script", { reason: "set by the test", since: 1 });
  await plugins.scan();
  await expect(plugins.configure("script", { priority: 1 })).rejects.toMatchObject({
    code: "PLUGIN_NOT_METADATA",
  });
  await expect(plugins.configure("script", { enabled: true, priority: 1 })).rejects.toMatchObject({
    code: "PLUGIN_NOT_METADATA",
  });
  expect((await store.plugins.get("script"))?.quarantine?.reason).toBe("set by the test");
  await plugins.configure("script", { enabled: true });
  expect(await plugins.use({ namespace: "script" })).toMatchObject({ type: "script" });
});
