import { mkdir } from "node:fs/promises";
import path from "node:path";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { onTestFinished } from "vitest";
import { createCatalog } from "../../src/catalog/catalog.ts";
import { createRegistries } from "../../src/catalog/registries.ts";
import type { InstalledVersion } from "../../src/catalog/types.ts";
import type { Network } from "../../src/net/http-agents.ts";
import { checkManifest } from "../../src/runtimes/manifest-check.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createSources, type Sources } from "../../src/sources/sources.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

interface WorldOptions {
  timeoutMs?: number;
  network?: Network;
  around?: (sources: Sources) => Sources;
  onTorn?: (id: string, since: number) => void;
}

/** A catalog over a real store and real sources, in a folder of its own. */
export const openWorld = async ({
  timeoutMs = 150_000,
  network = {},
  around = (sources) => sources,
  onTorn = () => {},
}: WorldOptions = {}) => {
  const data = await tempFolder();
  const store = await openSqliteStore(path.join(data, "hitagi.db"));
  const http = createHttp({ attempts: 2, baseMs: 5 }, network);
  onTestFinished(async () => {
    await http.close();
    await store.close();
  });
  const installed = new Map<Namespace, InstalledVersion>();
  const sources = around(createSources(sourceDeps(http, data, network)));
  const clock = { now: 1_700_000_000 };
  /** The files whose load check was asked for. */
  const vetted: string[] = [];
  /** The reasons of the next load checks that cannot be made. */
  const vetFaults: string[] = [];
  const vet = async (filename: string, bytes: Buffer) => {
    vetted.push(filename);
    const fault = vetFaults.shift();
    if (fault !== undefined) throw new HitagiError("LOAD_CHECK_FAILED", { reason: fault });
    const text = bytes.toString().replace(/^export default /, "");
    if (!text.startsWith("{")) throw new HitagiError("LOAD_FAILED", { reason: text.trim() });
    return checkManifest(JSON.parse(text));
  };
  const now = () => clock.now;
  const catalog = createCatalog({
    store,
    sources,
    timeoutMs,
    vet,
    onTorn,
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
  return { store, http, sources, catalog, registries, installed, clock, vetted, vetFaults, addLocal };
};
export type World = Awaited<ReturnType<typeof openWorld>>;
