import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Services } from "../../src/services.ts";
import { openNode } from "../cluster/open-node.ts";
import { fixturePlugins } from "../http/plugin-sources.ts";
import { sharedRedis, withoutRedis } from "../support/redis.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";

describe.skipIf(withoutRedis)("two servers on one Redis", () => {
  const redis = sharedRedis();

  /** The installed plugins that a server has active, with their enabled flag, and the title's rule. */
  const seenBy = async ({ plugins, documents, policy }: Services) => {
    documents.forget();
    const own = (await plugins.records()).filter(({ origin }) => origin !== "builtin");
    return {
      plugins: own.map(({ namespace, version, enabled }) => ({ namespace, version, enabled })),
      rules: (await policy.fields()).rules.map(({ field, rule }) => `${field} ${rule}`),
    };
  };

  test("agree on the set after one of them has synced, and after a sync that failed", async () => {
    const store = redis().address(3);
    const nodes = [await openNode(store), await openNode(store)] as const;
    const [one, other] = nodes;
    const folder = path.join(await tempFolder(), "registry");
    await writeRegistry(folder, fixturePlugins);
    const { id: registry } = await one.registries.create({ name: "r", provider: "local", path: folder });
    await one.catalog.refresh(registry);
    for (const namespace of ["echo", "tagger"] as const) await one.installer.install({ namespace, registry });
    await one.plugins.configure("tagger", { enabled: true });
    await one.policy.changeFields([{ plugin: null, field: "title", rule: "never" }]);
    const lock = await one.lockfiles.export();
    const whole = await seenBy(one);
    for (const namespace of ["echo", "tagger"] as const) await one.installer.uninstall(namespace);
    await one.policy.changeFields([{ plugin: null, field: "title", rule: undefined }]);
    const none = { plugins: [], rules: [] };
    expect([await seenBy(one), await seenBy(other)]).toEqual([none, none]);

    const { tagger } = lock.plugins;
    if (!tagger) throw new Error("tagger is not in the lock file");
    const broken = {
      ...lock,
      plugins: { ...lock.plugins, tagger: { ...tagger, granted: { files: [path.join(folder, "none")] } } },
    };
    const keep = async () => {};
    await expect(other.lockfiles.sync({ lock: broken }, { keep })).rejects.toMatchObject({
      code: "FILE_NOT_GRANTABLE",
    });
    expect([await seenBy(one), await seenBy(other)]).toEqual([none, none]);
    await other.lockfiles.sync({ lock }, { keep });
    expect([await seenBy(one), await seenBy(other)]).toEqual([whole, whole]);
    const exported = await Promise.all(nodes.map(({ lockfiles }) => lockfiles.export()));
    expect(exported).toEqual([lock, lock]);
  });
});
