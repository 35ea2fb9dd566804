import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type InstallPlan, type Permissions, toNamespace } from "@hitagi/contract";
import { onTestFinished } from "vitest";
import { sha256Of } from "../../src/disk/sha256.ts";
import type { FaultPoint } from "../../src/install/deps.ts";
import type { Installed } from "../../src/install/types.ts";
import { harnessFile } from "../../src/runtimes/deno/locate.ts";
import { checkManifest } from "../../src/runtimes/manifest-check.ts";
import type { HostRequestHandler, Runtime } from "../../src/runtimes/types.ts";
import { onFileFinished } from "../support/file-scope.ts";
import { type FixturePlugin, writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Composed, type ComposeOptions, compose, foldersOf, openRuntime } from "./compose.ts";

/** The harness, as it is built before all tests. */
export const harness = harnessFile();

let shared: Runtime | undefined;

const openShared = (): Runtime => {
  const opened = openRuntime(harness);
  onFileFinished(() => {
    shared = undefined;
    return opened.stop();
  });
  return opened;
};

/** The sandbox runtime that the tests of one file share. */
export const sharedRuntime = (): Runtime => {
  shared ??= openShared();
  return shared;
};

type Options = Omit<Partial<Parameters<Composed["installer"]["install"]>[0]>, "namespace" | "registry">;

/** A registry, and installs out of it. */
interface Published {
  registry: string;
  install(namespace: string, options?: Options): Promise<Installed>;
  plan(namespace: string, options?: Options): Promise<InstallPlan>;
  /** Rewrites the registry's folder; a refresh is the caller's. */
  publish(plugins: FixturePlugin[]): Promise<void>;
}

/** A data folder with the real parts on it, and one registry that is refreshed. */
export interface World extends Composed, Published, ReturnType<typeof foldersOf> {
  data: string;
  /** Does something at a point of every operation from now on. */
  at(point: FaultPoint, action: () => unknown): void;
  addRegistry(plugins: FixturePlugin[]): Promise<Published>;
  /** Calls an active script plugin. */
  call(namespace: string): Promise<unknown>;
  /** Puts a file into the plugins folder and activates it without a record, as the start-up scan does. */
  dropByHand(file: string, source: string): Promise<void>;
  /** The hash of a version that the first registry offered at first. */
  hashOf(namespace: string, version: string): string;
}

const publishedBy = async (parts: Composed, folder: string, plugins: FixturePlugin[]): Promise<Published> => {
  await mkdir(folder, { recursive: true });
  const publish = async (all: FixturePlugin[]) => void (await writeRegistry(folder, all));
  await publish(plugins);
  const fields = { name: path.basename(folder), provider: "local", path: folder } as const;
  const { id: registry } = await parts.store.registries.create(fields, Math.floor(Date.now() / 1000));
  await parts.catalog.refresh(registry);
  return {
    registry,
    publish,
    install: (namespace, options) =>
      parts.installer.install({ namespace: toNamespace(namespace), registry, ...options }),
    plan: (namespace, options) =>
      parts.installer.plan({ namespace: toNamespace(namespace), registry, ...options }),
  };
};

/** Calls a script plugin of the running set through its runtime. */
export const callActive = (
  { active }: Composed,
  runtime: Runtime,
  namespace: string,
  onHostRequest: HostRequestHandler = () => Promise.reject(new Error("this plugin asks for nothing")),
): Promise<unknown> => {
  const plugin = active.get(toNamespace(namespace));
  if (!plugin) throw new Error(`${namespace} is not active`);
  return runtime.call(plugin.code, {
    entry: "run",
    context: { arg: "", settings: {} },
    onHostRequest,
    timeoutMs: 150_000,
  });
};

const dropByHand = async (world: Composed, plugins: string, file: string, source: string) => {
  await mkdir(path.dirname(path.join(plugins, file)), { recursive: true });
  await writeFile(path.join(plugins, file), source);
  const bytes = Buffer.from(source);
  const code = {
    namespace: "echo" as const,
    sha256: sha256Of(bytes),
    filename: path.basename(file),
    source: bytes,
  };
  const manifest = checkManifest(await sharedRuntime().vet(code, 20_000));
  const flags = { enabled: false, hidden: false, priority: 0, granted: {}, health: { state: "ok" } } as const;
  const where = { origin: "sideloaded", runtime: "deno", path: file, registry: null } as const;
  world.active.set("echo", { namespace: "echo", manifest, code, ...where, ...flags });
};

/** Opens a world in which the registry offers these plugins. */
export const openWorld = async (
  plugins: FixturePlugin[],
  options: Pick<ComposeOptions, "builtins" | "grants" | "isSigned" | "now" | "store"> = {},
): Promise<World> => {
  const data = path.join(await tempFolder(), "data");
  const actions = new Map<FaultPoint, () => unknown>();
  const at = async (point: FaultPoint) => void (await actions.get(point)?.());
  const runtime = sharedRuntime();
  const parts = await compose(data, { ...options, runtime, at });
  onTestFinished(() => parts.close());
  let registries = 0;
  const addRegistry = (offered: FixturePlugin[]) =>
    publishedBy(parts, path.join(data, `../registry-${++registries}`), offered);
  const folders = foldersOf(data);
  const hashOf = (namespace: string, version: string) => {
    const source = plugins
      .find((p) => p.namespace === namespace)
      ?.versions.find((v) => v.version === version);
    return sha256Of(Buffer.from(source?.source ?? ""));
  };
  return {
    ...parts,
    ...folders,
    ...(await addRegistry(plugins)),
    data,
    at: (point, action) => void actions.set(point, action),
    addRegistry,
    call: (namespace) => callActive(parts, runtime, namespace),
    dropByHand: (file, source) => dropByHand(parts, folders.plugins, file, source),
    hashOf,
  };
};

const filesUnder = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((e) => e.isFile());
  return files.map((e) => path.relative(folder, path.join(e.parentPath, e.name))).sort();
};

/** Everything that an operation may change, as plain data. */
export interface Snapshot {
  /** Hashes by path in the plugins folder. */
  files: Record<string, string>;
  records: Record<string, { path: string; sha256: string; granted: Permissions }>;
  active: Record<string, { version: string; sha256: string; granted: Permissions }>;
  /** Hashes of the kept bytes. */
  artifacts: string[];
  staging: string[];
  journal: string[];
}

/** What stands now on disk, in the store and in memory. */
export const snapshot = async (
  world: Pick<World, "store" | "active" | "plugins" | "kept" | "staging" | "journal">,
): Promise<Snapshot> => {
  const files = await filesUnder(world.plugins);
  const hashes = files.map(async (f) => [f, sha256Of(await readFile(path.join(world.plugins, f)))]);
  const records = (await world.store.plugins.list()).flatMap(({ namespace, provenance, granted }) =>
    provenance ? [[namespace, { path: provenance.path, sha256: provenance.sha256, granted }]] : [],
  );
  const active = world.active
    .list()
    .map((p) => [p.namespace, { version: p.manifest.version, sha256: p.code.sha256, granted: p.granted }]);
  const kept = await filesUnder(world.kept);
  return {
    files: Object.fromEntries(await Promise.all(hashes)),
    records: Object.fromEntries(records),
    active: Object.fromEntries(active),
    artifacts: kept.filter((f) => !f.endsWith(".json")),
    staging: await filesUnder(world.staging),
    journal: await filesUnder(world.journal),
  };
};
