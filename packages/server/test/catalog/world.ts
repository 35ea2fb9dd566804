import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import { onTestFinished } from "vitest";
import { createCatalog } from "../../src/catalog/catalog.ts";
import { createRegistries } from "../../src/catalog/registries.ts";
import type { InstalledVersion } from "../../src/catalog/types.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createSources, type Sources } from "../../src/sources/sources.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A catalog over a real store and real sources, in a folder of its own. */
export const openWorld = async ({
  timeoutMs = 10_000,
  around = (sources: Sources): Sources => sources,
} = {}) => {
  const data = await tempFolder();
  const store = await openSqliteStore(path.join(data, "hitagi.db"));
  const http = createHttp({ attempts: 2, baseMs: 5 });
  onTestFinished(async () => {
    await http.close();
    await store.close();
  });
  const installed = new Map<Namespace, InstalledVersion>();
  const sources = around(createSources(sourceDeps(http, data)));
  const clock = { now: 1_700_000_000 };
  const now = () => clock.now;
  const catalog = createCatalog({
    store,
    sources,
    timeoutMs,
    now,
    installed: (namespace) => installed.get(namespace),
    listInstalled: () => installed,
  });
  const registries = createRegistries({ store, sources, forget: catalog.forget, now });

  /** Adds a registry in a new folder. */
  const addLocal = async (name = "local") => {
    const folder = path.join(data, `registry-${name}`);
    await mkdir(folder);
    const registry = await registries.create({ name, provider: "local", path: folder });
    return { id: registry.id, folder };
  };
  return { store, sources, catalog, registries, installed, clock, addLocal };
};
export type World = Awaited<ReturnType<typeof openWorld>>;
