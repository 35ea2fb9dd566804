import path from "node:path";
import { expect, it } from "vitest";
import { offered } from "../../install/plugin-source.ts";
import { writeDetailed } from "../../support/details-registry.ts";
import { hashOfText } from "../../support/signed-registry.ts";
import type { World } from "../calls.test.ts";

export const detailCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("say what the keeper says about the registry, a plugin and its versions", async () => {
    const folder = path.join(world().server.folder, "detailed");
    const yank = { sha256: hashOfText("0.9.0"), reason: "It was wrong.", at: "2026-02-02T03:04:05Z" };
    const said = {
      ...{ homepage: "https://example.org/d", source: "https://example.org/d.git", licence: "MIT" },
      ...{ readme: "# Detailed\n\nSays *much*.", tags: ["test"], icon: "data:image/png;base64,AAAA" },
      deprecated: { reason: "It is old.", replacement: "echo" as const },
    };
    const newest = { changelog: "- Says more", size: 300, permissions: {} };
    const texts = { name: "Detailed", description: "Tells all.", contact: "keeper@example.org" };
    const plugins = { detailed: { ...said, versions: { "1.1.0": newest }, yanked: { "0.9.0": yank } } };
    await writeDetailed(folder, [offered("detailed", ["1.0.0", "1.1.0"])], { ...texts, plugins });
    const body = { name: "Detailed", provider: "local", path: folder, refresh: true };
    const { id: registry } = (await call("createRegistry", { body })).body;
    const params = { id: registry };
    expect((await call("getRegistry", { params })).body.registry.details).toEqual(texts);
    const { registries } = (await call("listRegistries")).body;
    expect(registries.find(({ id }: { id: string }) => id === registry).details).toEqual(texts);

    const details = {
      ...said,
      versions: [{ version: "1.1.0", ...newest }],
      yanked: [{ version: "0.9.0", ...yank }],
    };
    const named = { params: { namespace: "detailed" } };
    expect((await call("getAvailable", named)).body.offers).toMatchObject([{ registry, details }]);
    const install = { namespace: "detailed", registry, version: "1.0.0" };
    const { job } = (await call("installPlugin", { body: install })).body;
    expect((await world().server.ended(job)).result).toMatchObject({ success: 1 });
    expect((await call("getInstalled", named)).body.details).toEqual(details);

    const changelog = [{ version: "1.1.0", changelog: "- Says more" }];
    const { plan } = (await call("previewInstall", { body: { ...install, version: "1.1.0" } })).body;
    expect(plan).toMatchObject({ action: "upgrade", changelog });
    const { updates } = (await call("listUpdates")).body;
    expect(updates).toContainEqual(expect.objectContaining({ namespace: "detailed", changelog }));

    await call("uninstallPlugin", named);
    await call("deleteRegistry", { params });
  });

  it("say nothing of a registry without details", async () => {
    const { offers } = (await call("getAvailable", { params: { namespace: "echo" } })).body;
    expect(offers[0]).not.toHaveProperty("details");
    const { registry } = (await call("getRegistry", { params: { id: world().registry } })).body;
    expect(registry).not.toHaveProperty("details");
  });
};
