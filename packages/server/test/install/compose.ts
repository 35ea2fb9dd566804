import path from "node:path";
import { pino } from "pino";
import { createAdmission } from "../../src/admission/admission.ts";
import { blockLists } from "../../src/admission/block-list-document.ts";
import { createVetFile } from "../../src/app/vet-file.ts";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { createSharedArtifacts } from "../../src/artifacts/shared.ts";
import type { Artifacts } from "../../src/artifacts/types.ts";
import { createCatalog } from "../../src/catalog/catalog.ts";
import type { Catalog } from "../../src/catalog/types.ts";
import { epochSeconds } from "../../src/clock.ts";
import { createDocuments, type Documents } from "../../src/documents/documents.ts";
import type { FaultPoint } from "../../src/install/deps.ts";
import { createInstaller } from "../../src/install/installer.ts";
import type { Installer } from "../../src/install/types.ts";
import { createActivePlugins } from "../../src/plugins/registry/active.ts";
import { createRejectedFiles } from "../../src/plugins/registry/rejected-files.ts";
import type { ActivePlugin, ActivePlugins } from "../../src/plugins/types.ts";
import { createDenoRuntime } from "../../src/runtimes/deno/deno.ts";
import type { Runtime } from "../../src/runtimes/types.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createSources } from "../../src/sources/sources.ts";
import { openStore } from "../../src/store/store.ts";
import type { Store } from "../../src/store/types.ts";
import { sourceDeps } from "../support/source-deps.ts";

/** Where the parts of a server are in its data folder. */
export const foldersOf = (data: string) => ({
  plugins: path.join(data, "plugins"),
  kept: path.join(data, "artifacts"),
  staging: path.join(data, "staging"),
  journal: path.join(data, "journal"),
});

export interface ComposeOptions {
  runtime: Runtime;
  /** The store's address; SQLite in the data folder where absent. */
  store?: string;
  /** Opens it; by default as the server does. */
  open?: (address: string) => Promise<Store>;
  builtins?: ReadonlySet<string>;
  grants?: "declared" | "ask";
  isSigned?: (registry: string) => boolean;
  /** Epoch seconds, for refreshes and the owner's rules. */
  now?: () => number;
  at?: (point: FaultPoint) => void | Promise<void>;
}

export interface Composed {
  store: Store;
  documents: Documents;
  artifacts: Artifacts;
  catalog: Catalog;
  active: ActivePlugins;
  installer: Installer;
  close(): Promise<void>;
}

const log = pino({ level: "silent" });

/**
 * A sandbox runtime as the server makes it.
 * @param harness the built harness
 * @param standby processes started ahead
 */
export const openRuntime = (harness: string, standby = 2): Runtime =>
  createDenoRuntime({ log, harness, standby });

/** The real parts that the installer works with, on one data folder, as the server composes them. */
export const compose = async (data: string, options: ComposeOptions): Promise<Composed> => {
  const folders = foldersOf(data);
  const { open = openStore } = options;
  const store = await open(options.store ?? `sqlite:${path.join(data, "hitagi.db")}`);
  const local = createLocalArtifacts(folders.kept);
  const artifacts = store.shared
    ? createSharedArtifacts({
        local,
        share: store.shared.artifacts,
        pending: store.shared.pendingArtifacts,
        log,
      })
    : local;
  const http = createHttp();
  const active = createActivePlugins({ retire: ({ code }) => options.runtime.retire(code) });
  const versionOf = ({ manifest, registry, updates }: ActivePlugin) => ({
    ...{ version: manifest.version, registry, choices: updates },
  });
  const { now = epochSeconds } = options;
  const catalog = createCatalog({
    store,
    now,
    sources: createSources(sourceDeps(http, path.join(data, "git"))),
    timeoutMs: 150_000,
    vet: createVetFile([options.runtime]),
    installed: (namespace) => {
      const plugin = active.get(namespace);
      return plugin && versionOf(plugin);
    },
    listInstalled: () => active.list().map((plugin) => [plugin.namespace, versionOf(plugin)]),
  });
  const documents = createDocuments({ store: store.documents, ensureFresh: async () => {} });
  const admission = createAdmission({
    documents,
    lists: { read: async () => (await documents.read(blockLists)).value },
    installed: active.list,
    registryOf: async (id) => {
      const registry = await store.registries.get(id);
      const state = options.isSigned?.(id) ? "signed" : "unsigned";
      return registry && { ...registry, trust: { state, warnings: [], evidence: 0, required: false } };
    },
    yankOf: catalog.yankOf,
    isLeftOut: async () => false,
    withdrawnSince: async () => undefined,
    wasSigned: async (id) => options.isSigned?.(id) === true,
    now,
  });
  const installer = createInstaller({
    store,
    artifacts,
    isStoreShared: store.shared !== undefined,
    admission,
    catalog,
    active,
    rejectedFiles: createRejectedFiles({
      plugins: folders.plugins,
      runtimes: [options.runtime],
      active,
      store: store.plugins,
      artifacts,
    }),
    runtimes: [options.runtime],
    builtins: options.builtins ?? new Set(),
    pluginsFolder: folders.plugins,
    stagingFolder: folders.staging,
    journalFolder: folders.journal,
    log,
    onFaultPoint: options.at ?? (() => {}),
    grants: options.grants ?? "declared",
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= http.close().then(() => store.close());
    return closed;
  };
  return { store, documents, artifacts, catalog, active, installer, close };
};
