import { toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import type { ActivePlugin } from "../../src/plugins/types.ts";
import type { Services } from "../../src/services.ts";
import { createAutomaticUpdates } from "../../src/updates/automatic-updates.ts";
import { updatePolicy } from "../../src/updates/update-policy.ts";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openNode } from "./open-node.ts";

const NOON = Date.parse("2026-01-10T12:00:00Z") / 1000;
const echo = toNamespace("echo");

/** The automatic updates of a server, which look when the test says so. */
const updatesOf = ({ documents, catalog, installer, enqueue }: Services, registry: string) =>
  createAutomaticUpdates({
    ...{ documents, catalog, installer, enqueue },
    active: {
      get: () =>
        ({ health: { state: "ok" }, manifest: {}, runtime: "deno", registry }) as unknown as ActivePlugin,
    },
    log: pino({ level: "silent" }),
    now: () => NOON,
  });

describe.skipIf(withoutRedis)("two servers on one Redis", () => {
  const redis = sharedRedis();
  let db = 100;
  const two = async () => {
    const store = redis().address(++db);
    return [await openNode(store), await openNode(store)] as const;
  };

  test("a change of the chain or of a policy on one is in force on the other when it returns", async () => {
    const [a, b] = await two();
    const steps = [
      { plugin: toNamespace("comic-info"), ends_on_hit: true },
      { plugin: toNamespace("filename-parse"), when: { nothing_found: true as const } },
    ];
    const { revision } = await a.chain.replace(steps, undefined);
    const shown = await b.chain.show();
    expect(shown.revision).toBe(revision);
    expect(shown.steps).toMatchObject(steps);
    await b.chain.replace(steps.toReversed(), revision);
    expect((await a.chain.show()).steps.map(({ plugin }) => plugin)).toEqual([
      "filename-parse",
      "comic-info",
    ]);
    await expect(a.chain.replace(steps, revision)).rejects.toMatchObject({ code: "DOCUMENT_CHANGED" });
    await a.policy.changeTags({ text: "old -> new" });
    expect((await b.policy.tagRewriter())?.(["old"])).toEqual(["new"]);
  });

  test("both look for automatic updates at once, and one job makes the update, which is active on both", async () => {
    const [a, b] = await two();
    const folder = await tempFolder();
    await writeRegistry(folder, fixturePlugins);
    const { id } = await a.registries.create({ name: "r", provider: "local", path: folder });
    await a.catalog.refresh(id);
    await a.installer.install({ namespace: echo, registry: id, version: "1.0.0" });
    await a.documents.change(updatePolicy, ({ value }) => ({ ...value, all: true }));
    const looks = [a, b, a, b].map((node) => updatesOf(node, id).runOnce());
    expect((await Promise.all(looks)).flat()).toContain("echo");
    const upgrades = async () =>
      (await b.jobs.list(undefined, 1, 200)).items.filter(({ task }) => task === "upgrade_plugins");
    await vi.waitFor(async () => expect((await upgrades()).map(({ state }) => state)).toEqual(["finished"]), {
      timeout: 60_000,
    });
    for (const { plugins } of [a, b]) {
      expect((await plugins.record(echo)).version).toBe("1.1.0");
    }
  });
});
