import { toNamespace } from "@hitagi/contract";
import { expect, test, vi } from "vitest";
import type { HostRequestHandler, Runtime } from "../../../src/runtimes/types.ts";
import { gate } from "../../support/gate.ts";
import { activePlugin } from "../active-plugin.ts";
import { openPlugins } from "../open-plugins.ts";
import { echo, pluginSource } from "../plugin-source.ts";
import { sharedRuntime } from "../shared-runtime.ts";

test("a script gets its argument and settings, and its result is returned unchanged", async () => {
  const { plugins, sideload, setting } = await openPlugins();
  await sideload(
    echo("echo", { parameters: { n: { type: "int", default_value: 2 }, key: { type: "secret" } } }),
    pluginSource({ namespace: "plain", type: "script" }, "return 42;"),
  );
  await setting("echo", "key", "s3cret");
  expect(await plugins.use({ namespace: toNamespace("ECHO"), arg: "hello" })).toEqual({
    type: "script",
    data: { arg: "hello", settings: { n: 2, key: "s3cret" } },
  });
  expect((await plugins.use({ namespace: "plain" })).data).toEqual({ result: 42 });
});

test("a metadata plugin sees the archive; the response holds only new findings, and nothing is written", async () => {
  const { plugins, sideload, addArchive, library } = await openPlugins();
  const body = `
    const names = (await ctx.archive.entries()).map((e) => e.name);
    const xml = await ctx.archive.text("ComicInfo.xml");
    const title = /<Title>(.*?)<.Title>/.exec(xml)[1];
    const { id, tags, filename, size } = ctx.archive;
    return { tags: [...tags, "source:" + filename, "entries:" + names.length], title: title + "!", summary: String(size > 0) };`;
  await sideload(pluginSource({ namespace: "info", type: "metadata" }, body));
  const archive = await addArchive("one", "artist:A,  b");
  expect(await plugins.use({ namespace: "info", archive: archive.id })).toEqual({
    type: "metadata",
    data: { new_tags: " source:one.cbz, entries:3", title: "one!", summary: "true" },
  });
  expect(await library.get(archive.id)).toEqual(archive);
});

test("a plugin that cannot be used fails with the reason", async () => {
  const { plugins, sideload, active } = await openPlugins();
  await sideload(
    pluginSource({ namespace: "info", type: "metadata" }, "return {};"),
    pluginSource({ namespace: "thrower", type: "script" }, "throw new Error('no such page');"),
    pluginSource({ namespace: "liar", type: "download", url_regex: "." }, "return { url: 1 };"),
  );
  active.set(
    "sick",
    activePlugin({ namespace: "sick" }, { health: { state: "broken", reason: "gone bad" } }),
  );
  const id = "0".repeat(40);
  const refusals: [Parameters<typeof plugins.use>[0], object][] = [
    [{ namespace: "absent" }, { code: "PLUGIN_NOT_FOUND" }],
    [{ namespace: "info" }, { code: "VALIDATION_FAILED", status: 400 }],
    [{ namespace: "info", archive: id }, { code: "ARCHIVE_NOT_FOUND" }],
    [{ namespace: "thrower" }, { code: "PLUGIN_FAILED", message: "no such page" }],
    [
      { namespace: "liar", url: "x" },
      { code: "PLUGIN_FAILED", message: expect.stringContaining("downloadUrl") },
    ],
    [{ namespace: "sick" }, { code: "PLUGIN_BROKEN", message: expect.stringContaining("gone bad") }],
    [{ namespace: "thrower", signal: AbortSignal.abort() }, { code: "PLUGIN_CANCELLED" }],
  ];
  for (const [request, error] of refusals) await expect(plugins.use(request)).rejects.toMatchObject(error);
});

test("a call finishes on the version it began with, and the next call uses the new version", async () => {
  const runtime = sharedRuntime();
  const { open, opened } = gate();
  const asked = vi.fn();
  const holding: Runtime = {
    ...runtime,
    call: (code, request) => {
      const onHostRequest: HostRequestHandler = async (...given) => {
        asked();
        await opened;
        return request.onHostRequest(...given);
      };
      return runtime.call(code, { ...request, onHostRequest });
    },
  };
  const { plugins, sideload, active } = await openPlugins({ runtimes: [holding] });
  const source = (version: string, work: string) =>
    pluginSource(
      { namespace: "slow", type: "script", version },
      `${work}; return { version: "${version}" };`,
    );
  await sideload(source("1.0.0", 'await ctx.cache.get("x")'));
  const running = plugins.use({ namespace: "slow" });
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  await sideload(source("2.0.0", ""));
  expect(active.get("slow")?.manifest.version).toBe("2.0.0");
  expect((await plugins.use({ namespace: "slow" })).data).toEqual({ version: "2.0.0" });
  open();
  expect((await running).data).toEqual({ version: "1.0.0" });
});

test("the cooldown applies between the starts of all callers' calls, and waiting can be aborted", async () => {
  const runtime = sharedRuntime();
  const starts: number[] = [];
  const watched: Runtime = {
    ...runtime,
    call(code, request) {
      starts.push(performance.now());
      return runtime.call(code, request);
    },
  };
  const { plugins, sideload, addArchive } = await openPlugins({ runtimes: [watched] });
  await sideload(
    pluginSource({ namespace: "polite", type: "metadata", cooldown: 1 }, "return { tags: [] };"),
    pluginSource({ namespace: "slow", type: "metadata", cooldown: 3600 }, "return { tags: [] };"),
    echo("quick"),
  );
  const { id } = await addArchive("one");
  const began = performance.now();
  await Promise.all([
    plugins.use({ namespace: "polite", archive: id }),
    plugins.apply({ namespace: "polite", archive: id }),
  ]);
  expect((starts[1] ?? 0) - began).toBeGreaterThanOrEqual(999);
  await plugins.use({ namespace: "slow", archive: id });
  const stop = new AbortController();
  const waiting = plugins.use({ namespace: "slow", archive: id, signal: stop.signal });
  const ended = expect(waiting).rejects.toMatchObject({ code: "PLUGIN_CANCELLED" });
  await plugins.use({ namespace: "quick" });
  expect(starts).toHaveLength(4);
  stop.abort();
  await ended;
  expect(starts).toHaveLength(4);
});
