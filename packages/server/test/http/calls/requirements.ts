import path from "node:path";
import { shownUpgrades } from "@hitagi/contract";
import { expect, it } from "vitest";
import { offered } from "../../install/plugin-source.ts";
import { writeRegistry } from "../../support/registry-fixture.ts";
import type { World } from "../calls.test.ts";

export const requirementCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("are shown in a preview, installed in the same job, and kept while they are needed", async () => {
    const folder = path.join(world().server.folder, "needing");
    await writeRegistry(folder, [
      offered("needing", ["1.0.0"], { requires: { plugins: { needed: "^1.0.0" } } }),
      offered("needed", ["1.0.0", "2.0.0"]),
    ]);
    const fields = { name: "Needing", provider: "local", path: folder, refresh: true };
    const { id: registry } = (await call("createRegistry", { body: fields })).body;
    const body = { namespace: "needing", registry };
    const { plan } = (await call("previewInstall", { body })).body;
    expect(plan.requires).toMatchObject([
      { namespace: "needed", version: "1.0.0", neededBy: [{ namespace: "needing", range: "^1.0.0" }] },
    ]);
    const { job } = (await call("installPlugin", { body })).body;
    expect((await world().server.ended(job)).result).toMatchObject({
      success: 1,
      data: { namespace: "needing", required: [{ namespace: "needed", version: "1.0.0", from: null }] },
    });
    await writeRegistry(folder, [
      offered("needing", ["1.0.0", "1.1.0"], { requires: { plugins: { needed: "^2.0.0" } } }),
      offered("needed", ["1.0.0", "2.0.0"]),
    ]);
    await call("refreshRegistry", { params: { id: registry } });
    const named = { namespaces: ["needing"] };
    const { upgrades } = (await call("previewUpgrade", { body: named })).body;
    expect(upgrades).toMatchObject([
      { from: "1.0.0", to: "1.1.0", plan: { requires: [{ namespace: "needed", installed: "1.0.0" }] } },
    ]);
    const [{ plan: upgrade }] = upgrades;
    const only = [{ namespace: "needing", version: "1.1.0", sha256: upgrade.sha256 }];
    const half = (await call("upgradePlugins", { body: { ...named, shown: only } })).body;
    expect((await world().server.ended(half.job)).result).toMatchObject({ code: "INSTALL_SET_CHANGED" });
    const shown = shownUpgrades(upgrades);
    const whole = (await call("upgradePlugins", { body: { ...named, shown } })).body;
    expect((await world().server.ended(whole.job)).result).toMatchObject({ success: 1 });

    const params = { namespace: "needed" };
    const back = await call("rollbackPlugin", { params, body: {} });
    expect([back.status, back.body.code]).toEqual([409, "PLUGIN_REQUIRED"]);
    expect((await call("listKeptVersions", { params })).body.versions).toContainEqual(
      expect.objectContaining({
        version: "1.0.0",
        against: expect.objectContaining({ code: "PLUGIN_REQUIRED" }),
      }),
    );
    const moved = await call("moveToSideloaded", { params });
    expect(moved.status).toBe(200);
    const blocked = await call("uninstallPlugin", { params });
    expect([blocked.status, blocked.body.code]).toEqual([409, "PLUGIN_REQUIRED"]);
    const removed = await call("uninstallPlugin", { params, query: { ignoreRequirements: true } });
    expect(removed.status).toBe(200);
    await call("uninstallPlugin", { params: { namespace: "needing" } });
    await call("deleteRegistry", { params: { id: registry } });
  });

  it("are granted by `grant: true` only where the request names what its preview showed", async () => {
    const folder = path.join(world().server.folder, "asking");
    const asking = (host: string, ...versions: string[]) =>
      offered("asking", versions, { permissions: { net: [host] } });
    const publish = async (...plugins: ReturnType<typeof offered>[]) => {
      const versions = plugins.flatMap((plugin) => plugin.versions);
      await writeRegistry(folder, [{ ...(plugins[0] as ReturnType<typeof offered>), versions }]);
    };
    await publish(asking("one.example", "1.0.0"));
    const fields = { name: "Asking", provider: "local", path: folder, refresh: true };
    const { id: registry } = (await call("createRegistry", { body: fields })).body;
    const grantedTo = async () =>
      (await call("listInstalled", {})).body.plugins.find(
        ({ namespace }: { namespace: string }) => namespace === "asking",
      )?.granted;
    const ended = async ({ body }: { body: { job: number } }) =>
      (await world().server.ended(body.job)).result;

    // As LANraragi's clients send it; HITAGI_GRANT is for its owner to set.
    const body = { namespace: "asking", registry };
    expect(await ended(await call("installPlugin", { body }))).toMatchObject({ success: 1 });
    expect(await grantedTo()).toEqual({ net: ["one.example"] });

    await publish(asking("one.example", "1.0.0"), asking("two.example", "1.1.0"));
    await call("refreshRegistry", { params: { id: registry } });
    const refused = { success: 0, code: "PERMISSION_NEEDED" };
    const unseen = { ...body, grant: true };
    expect(await ended(await call("installPlugin", { body: unseen }))).toMatchObject(refused);
    const named = { namespaces: ["asking"], grant: true };
    expect(await ended(await call("upgradePlugins", { body: named }))).toMatchObject(refused);
    expect(await grantedTo()).toEqual({ net: ["one.example"] });

    const { upgrades } = (await call("previewUpgrade", { body: { namespaces: ["asking"] } })).body;
    const seen = { ...named, shown: shownUpgrades(upgrades) };
    expect(await ended(await call("upgradePlugins", { body: seen }))).toMatchObject({ success: 1 });
    expect(await grantedTo()).toEqual({ net: ["two.example"] });
    await call("uninstallPlugin", { params: { namespace: "asking" } });
    await call("deleteRegistry", { params: { id: registry } });
  });
};
