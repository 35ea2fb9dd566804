import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { type ParameterValue, toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { createDocuments } from "../../src/documents/documents.ts";
import { alwaysFresh } from "../../src/freshness.ts";
import { createFolderLibrary } from "../../src/library/folder.ts";
import { createReadSteps } from "../../src/plugins/chain/steps.ts";
import { createPlugins, type PluginsDeps } from "../../src/plugins/plugins.ts";
import { createActivePlugins } from "../../src/plugins/registry/active.ts";
import { createRejectedFiles } from "../../src/plugins/registry/rejected-files.ts";
import { createPolicy } from "../../src/policy/policy.ts";
import { createBroker } from "../../src/runtimes/broker/broker.ts";
import { type ClosedPlaces, createFileAccess } from "../../src/runtimes/granted-files.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { sharedRuntime } from "./shared-runtime.ts";

/** One line of the log. */
export interface Logged {
  level: number;
  msg: string;
  plugin?: string;
  file?: string;
  reason?: string;
}

export interface OpenOptions
  extends Partial<
    Pick<PluginsDeps, "lookup" | "callTimeout" | "runtimes" | "downloadHosts" | "queueDownload">
  > {
  /** What no plugin can be granted to read; nothing by default. */
  closed?: Partial<ClosedPlaces>;
  /** The data folder of an earlier server, to start on it again. */
  root?: string;
}

/** The plugins of a server with a real sandbox, store, library and broker. */
export const openPlugins = async (options: OpenOptions = {}) => {
  const { root = await tempFolder(), ...given } = options;
  const at = (name: string) => path.join(root, name);
  await mkdir(at("library"), { recursive: true });
  const store = await openSqliteStore(at("hitagi.db"));
  const lines: Logged[] = [];
  const log = pino({ level: "debug" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const now = () => Date.now() / 1000;
  const { archives, locks } = store;
  const library = createFolderLibrary({
    folder: at("library"),
    archives,
    categories: store.categories,
    locks,
    maxUploadBytes: 5_000_000,
    now,
  });
  const files = createFileAccess({ own: [], except: [], ...options.closed });
  const broker = createBroker({ library, cache: store.cache, files, log });
  const runtime = sharedRuntime();
  const active = createActivePlugins({ retire: ({ code }) => runtime.retire(code) });
  const artifacts = await createLocalArtifacts(at("artifacts"));
  const pluginsFolder = at("plugins");
  const rejectedFiles = createRejectedFiles({
    plugins: pluginsFolder,
    runtimes: [runtime],
    active,
    store: store.plugins,
    artifacts,
  });
  const documents = createDocuments({ store: store.documents, ensureFresh: alwaysFresh });
  const policy = createPolicy({ documents, files });
  const plugins = createPlugins({
    active,
    rejectedFiles,
    store: store.plugins,
    batches: store.batches,
    history: store.history,
    artifacts,
    runtimes: [runtime],
    broker,
    files,
    library,
    policy,
    readSteps: createReadSteps(active, documents),
    builtinFolder: at("builtin"),
    pluginsFolder,
    callTimeout: 20,
    log,
    writeLog: () => {},
    now,
    queueDownload: async () => {
      throw new Error("this test queues no download");
    },
    ...given,
  });

  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= (async () => {
      for (const plugin of active.list()) active.set(plugin.namespace, undefined);
      await plugins.close();
      await broker.close();
      await store.close();
    })();
    return closed;
  };
  onTestFinished(close);

  /** Writes a plugin's file, relative to the data folder. */
  const write = async (file: string, source: string) => {
    await mkdir(path.dirname(at(file)), { recursive: true });
    await writeFile(at(file), source);
  };
  /** Activates plugins as sideloaded files, with all requested permissions granted. */
  const sideload = async (...sources: string[]) => {
    for (const [i, source] of sources.entries()) {
      const name = /namespace: "([a-z0-9_-]+)"/.exec(source)?.[1] ?? `plugin-${i}`;
      await write(`plugins/Sideloaded/${name}.ts`, source);
    }
    await plugins.scan();
    for (const { namespace } of active.list()) await plugins.grant(namespace);
  };
  const addArchive = async (seed: string, tags = "", title = seed) =>
    library.add({ filename: `${seed}.cbz`, stream: Readable.from([cbz(seed)]), tags, title });
  const setting = (namespace: string, name: string, value: ParameterValue | null) =>
    plugins.putSettings(toNamespace(namespace), { [name]: value });

  return {
    root,
    store,
    documents,
    lines,
    log,
    library,
    broker,
    runtime,
    active,
    artifacts,
    plugins,
    policy,
    pluginsFolder,
    close,
    write,
    sideload,
    addArchive,
    setting,
  };
};

export type OpenPlugins = Awaited<ReturnType<typeof openPlugins>>;

/** The texts of warnings, each with its file or plugin. */
export const warnings = (lines: readonly Logged[]): string[] =>
  lines.filter((line) => line.level >= 40).map((line) => `${line.plugin ?? line.file ?? ""}: ${line.msg}`);
