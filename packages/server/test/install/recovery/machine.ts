import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Namespace } from "@hitagi/contract";
import { createKeyedMutex } from "../../../src/async/keyed-mutex.ts";
import { sha256Of } from "../../../src/disk/sha256.ts";
import type { FaultPoint, InstallDeps } from "../../../src/install/deps.ts";
import { createJournal } from "../../../src/install/recovery/journal.ts";
import type { InstalledFile } from "../../../src/install/steps/current-state.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** The state of the plugin `echo`, in the store and on this machine. */
export interface MachineState {
  /** What its record names; absent where nothing is installed. */
  installed?: InstalledFile;
  /** The kept versions. */
  versions?: InstalledFile[];
  /** The texts of the artifacts that can be read. */
  artifacts?: string[];
  /** Texts by path in the plugins folder. */
  files?: Record<string, string>;
}

/** A file with this text. */
export const fileOf = (file: string, text: string): InstalledFile => ({ path: file, sha256: sha256Of(text) });

const underFolder = async (folder: string): Promise<Record<string, string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const texts = files.map(async (file) => [file, await readFile(path.join(folder, file), "utf8")]);
  return Object.fromEntries(await Promise.all(texts));
};

/** The parts of an installer that recovery needs: real files, and a store and artifacts that a test sets. */
export const openMachine = async (state: MachineState) => {
  const folder = await tempFolder();
  const [pluginsFolder, stagingFolder] = [path.join(folder, "plugins"), path.join(folder, "staging")];
  const write = async (file: string, text: string) => {
    await mkdir(path.dirname(path.join(pluginsFolder, file)), { recursive: true });
    await writeFile(path.join(pluginsFolder, file), text);
  };
  await mkdir(pluginsFolder);
  await mkdir(stagingFolder);
  for (const [file, text] of Object.entries(state.files ?? {})) await write(file, text);
  const events: unknown[] = [];
  const logged =
    (level: string) =>
    (fields: object, message: string): void =>
      void events.push([level, fields, message]);
  const journal = createJournal(path.join(folder, "journal"));
  const artifacts = new Map(state.artifacts?.map((text) => [sha256Of(text), Buffer.from(text)]));
  const deps = {
    pluginsFolder,
    stagingFolder,
    journal,
    fileMutex: createKeyedMutex(),
    log: { info: logged("info"), warn: logged("warn"), error: logged("error") },
    onFaultPoint: async (point: FaultPoint) => void events.push([point, await journal.read("echo")]),
    artifacts: {
      read: async (sha256: string) => artifacts.get(sha256),
      evict: async (sha256: string) => void events.push(["evict", sha256]),
    },
    store: {
      plugins: {
        get: async () => state.installed && { provenance: { ...state.installed, version: "1.0.0" } },
        versions: async () => state.versions ?? [],
        named: async (hashes: readonly string[]) =>
          new Set(hashes.filter((sha256) => sha256 === state.installed?.sha256)),
      },
    },
  };
  return {
    deps: deps as unknown as InstallDeps,
    folder,
    state,
    /** What was logged and evicted, and the fault points with the journal's entry, in order. */
    events,
    write,
    files: () => underFolder(pluginsFolder),
    staged: () => readdir(stagingFolder),
    entries: (): Promise<Namespace[]> => journal.list(),
  };
};
