import { rm } from "node:fs/promises";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { toNamespace } from "@hitagi/contract";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createPreviewCache } from "../../src/install/operations/preview.ts";
import { matchUrl } from "../../src/runtimes/url-pattern.ts";
import { compose } from "./compose.ts";
import { openWorld, sharedRuntime, snapshot } from "./install-world.ts";
import { offered, pluginSource } from "./plugin-source.ts";

const asking = (source: Parameters<typeof pluginSource>[0] = {}) => ({
  namespace: "echo",
  type: "script" as const,
  versions: [{ version: "1.0.0", source: pluginSource({ permissions: { library: "read" }, ...source }) }],
});

const used = () => sharedRuntime().stats().processes - sharedRuntime().stats().standby;

describe("a preview of a version that was never fetched", () => {
  test("shows the permissions, and stores nothing", async () => {
    const world = await openWorld([asking()]);
    const before = await snapshot(world);
    expect(await world.plan("echo")).toMatchObject({
      conflicts: [],
      permissions: { asks: { library: "read" }, granted: { library: "read" }, more: [] },
    });
    expect(await snapshot(world)).toEqual(before);
    await expect.poll(used).toBe(0);
  });

  test.each<[string, string, ReturnType<typeof asking>]>([
    ["does not load", "LOAD_FAILED", asking({ atLoad: 'throw new Error("no");' })],
    ["is another plugin", "MANIFEST_MISMATCH", asking({ namespace: "other" })],
  ])("says that it %s, each time", async (_, code, plugin) => {
    const world = await openWorld([plugin]);
    for (let i = 0; i < 2; i++) {
      expect(await world.plan("echo")).toMatchObject({ conflicts: [{ code }], permissions: null });
    }
  });

  test("reports bytes that do not match the index", async () => {
    const plugin = asking();
    const versions = plugin.versions.map((version) => ({ ...version, sha256: "0".repeat(64) }));
    const world = await openWorld([{ ...plugin, versions }]);
    expect((await world.plan("echo")).conflicts).toMatchObject([{ code: "HASH_MISMATCH" }]);
  });

  test("saves the following install a fetch", async () => {
    const world = await openWorld([asking()]);
    await world.plan("echo");
    await rm(path.join(world.data, "../registry-1/plugins"), { recursive: true });
    expect(await world.install("echo")).toMatchObject({ version: "1.0.0" });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });

  test("reports a manifest mismatch also for bytes that are active under another namespace", async () => {
    const source = pluginSource();
    const world = await openWorld([
      offered("echo", ["1.0.0"]),
      { namespace: "copy", type: "script", versions: [{ version: "1.0.0", source }] },
    ]);
    await world.install("echo");
    expect((await world.plan("copy")).conflicts).toMatchObject([{ code: "MANIFEST_MISMATCH" }]);
  });

  test("warns of what hitagi check says to owners, also at the install that follows", async () => {
    const asks = { net: ["*.co.uk"], library: "read" as const };
    const world = await openWorld([asking({ permissions: asks }), offered("quiet", ["1.0.0"])]);
    const { conflicts, warnings } = await world.plan("echo");
    expect([conflicts, warnings.map(({ code, message }) => `${code} ${message}`)]).toEqual([
      [],
      [
        "PLUGIN_CHECKED echo 1.0.0: *.co.uk covers names that belong to anyone, so the plugin could send what it knows anywhere.",
        "PLUGIN_CHECKED echo 1.0.0: The manifest asks for `net`, and nothing in the plugin uses it.",
        "PLUGIN_CHECKED echo 1.0.0: The manifest asks for `library`, and nothing in the plugin uses it.",
      ],
    ]);
    expect((await world.install("echo")).warnings).toHaveLength(3);
    expect((await world.plan("quiet")).warnings).toEqual([]);
  });

  test("warns of a version that was installed here before, and after a restart", async () => {
    const asks = { net: ["*.co.uk"], library: "read" as const };
    const world = await openWorld([asking({ permissions: asks })]);
    await world.install("echo");
    const { warnings } = await world.plan("echo");
    expect(warnings.map(({ code }) => code)).toEqual(Array(3).fill("PLUGIN_CHECKED"));
    // What is kept is checked without the registry.
    await rm(path.join(world.data, "../registry-1/plugins"), { recursive: true });
    const again = await compose(world.data, { runtime: sharedRuntime() });
    onTestFinished(() => again.close());
    const request = { namespace: toNamespace("echo"), registry: world.registry };
    expect(await again.installer.plan(request)).toMatchObject({ conflicts: [], warnings });
    expect((await again.installer.install(request)).warnings).toEqual(warnings);
  });

  test("checks slow patterns apart from the matches of live calls and from the loads of others", async () => {
    const slow = ["one", "two"].map((namespace) => ({
      namespace,
      type: "download" as const,
      versions: [
        {
          version: "1.0.0",
          source: pluginSource({ namespace, type: "download" }).replace(
            '"^https://files[.]example/"',
            '"^(?=h)https://example.org/((a+)+)+x0$"',
          ),
        },
      ],
    }));
    const world = await openWorld([...slow, offered("quiet", ["1.0.0"])]);
    const { postMessage } = Worker.prototype;
    let hold: (begin: () => void) => void;
    const held = new Promise<() => void>((resolve) => {
      hold = resolve;
    });
    const posted = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (
      this: Worker,
      message,
    ) {
      const begin = () => postMessage.call(this, message);
      if (message.pattern?.includes("x0")) hold(begin);
      else begin();
    });
    onTestFinished(() => posted.mockRestore());
    const previews = [world.plan("one"), world.plan("two")];
    const begin = await held;
    expect(await matchUrl("^https://files[.]example/", "https://files.example/1")).toBe("matches");
    expect(await world.plan("quiet")).toMatchObject({ conflicts: [], warnings: [] });
    posted.mockRestore();
    begin();
    for (const { warnings } of await Promise.all(previews))
      expect(warnings).toMatchObject([{ message: expect.stringContaining("more than two seconds") }]);
  });

  test("does not end the active version", async () => {
    const world = await openWorld([offered("echo", ["1.0.0", "2.0.0"])]);
    await world.install("echo", { version: "1.0.0" });
    expect(await world.plan("echo")).toMatchObject({ action: "upgrade", conflicts: [] });
    expect(await world.call("echo")).toEqual({ version: "1.0.0" });
  });
});

test("the preview cache has a size limit, and evicts the oldest entry", () => {
  const previewed = createPreviewCache(100);
  const manifest = {
    namespace: "a",
    type: "script",
    name: "A",
    version: "1",
    author: "a",
    description: "",
  } as const;
  for (const name of ["a", "b", "c"]) previewed.set(name, { bytes: Buffer.alloc(40), manifest });
  expect(["a", "b", "c"].filter((name) => previewed.get(name))).toEqual(["b", "c"]);
});
