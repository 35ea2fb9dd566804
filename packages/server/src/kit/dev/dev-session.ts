import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ParameterValue } from "@hitagi/contract";
import { writeWhole } from "../../disk/write-whole.ts";
import { askForRight } from "../ask-for-right.ts";
import { BundleError, bundlerFor } from "../bundle/bundle.ts";
import { lastRunFile, recordingFile } from "../files.ts";
import type { NetworkMode } from "../network/recorded-network.ts";
import { type Recording, readRecording } from "../network/recording.ts";
import type { Sandbox } from "../sandbox.ts";
import type { KitArchive, LoadedPlugin, MissingRight, RunFailure, RunReport } from "../types.ts";
import { compareRuns, keptRun, type RunChanges } from "./compare-runs.ts";
import { openLastRuns } from "./last-runs.ts";

/** One run of the loop. */
export interface DevRun {
  namespace: string | null;
  version: string | null;
  /** Why the source does not load; then there are no runs, and the last good version stays loaded. */
  problem: RunFailure | null;
  runs: (RunReport & { changed: RunChanges | null })[];
  /** Milliseconds from the beginning to the last result. */
  ms: number;
}

export interface DevOptions {
  /** The absolute path of the source. */
  file: string;
  /** A metadata plugin runs on each; any other has them in its library. */
  archives: readonly KitArchive[];
  /** By the manifest, because the types of settings are declared there. */
  settings: (plugin: LoadedPlugin) => Promise<Record<string, ParameterValue>>;
  arg?: string | undefined;
  url?: string | undefined;
}

/** Runs one plugin again and again as its source changes. */
export interface DevSession {
  /**
   * Answers as soon as there are results; what is kept of them is written meanwhile.
   * @param signal ends it: then nothing of its results is kept
   * @throws HitagiError of settings; the file system's error; what failed of the writes of the run before
   */
  run(network: NetworkMode, signal?: AbortSignal): Promise<DevRun>;
  /** The files whose change needs another run. */
  inputs(): readonly string[];
  setArchives(archives: readonly KitArchive[]): void;
  /** The version that loaded last. */
  current(): LoadedPlugin | undefined;
  /** Writes a right into the source. @returns false where the manifest is written in a way that is not read */
  ask(right: MissingRight): Promise<boolean>;
  /** @throws HitagiError DISK_FULL, STORE_FAILED for what was not written of the last run; the file system's error */
  close(): Promise<void>;
}

const bundleFailure = (error: BundleError): RunFailure => {
  const [first] = error.problems;
  return {
    code: "LOAD_FAILED",
    message: error.message,
    hint: first?.hint ?? "",
    thrown: null,
    place: first?.file === undefined ? null : { file: first.file, line: first.line, column: first.column },
    stack: null,
  };
};

export const openDevSession = async (sandbox: Sandbox, options: DevOptions): Promise<DevSession> => {
  const { file, arg, url } = options;
  const bundler = await bundlerFor(file);
  const recording: Recording = await readRecording(recordingFile(file));
  const last = await openLastRuns(lastRunFile(file));
  let { archives } = options;
  let inputs: readonly string[] = [file];
  let current: LoadedPlugin | undefined;
  let keeping: Promise<void> = Promise.resolve();

  const keep = async (reports: readonly RunReport[]): Promise<void> => {
    await recording.save();
    if (reports.length > 0) await last.keep(reports.map(keptRun));
  };

  /** Loads the source, and ends the version before it. */
  const load = async (): Promise<RunFailure | null> => {
    const bundle = await bundler.build().catch((error: unknown) => {
      if (error instanceof BundleError) return error;
      throw error;
    });
    if (bundle instanceof BundleError) return bundleFailure(bundle);
    inputs = bundle.inputs;
    const { filename, codeWithMap } = bundle;
    if (current?.code.source.equals(codeWithMap)) return null;
    try {
      const next = await sandbox.load(filename, codeWithMap);
      if (current) sandbox.retire(current);
      current = next;
      return null;
    } catch (error) {
      return sandbox.failureOf(error, filename, codeWithMap);
    }
  };

  const runOn = async (
    plugin: LoadedPlugin,
    network: NetworkMode,
    signal: AbortSignal | undefined,
  ): Promise<RunReport[]> => {
    const settings = await options.settings(plugin);
    const call = { settings, arg, url, recording, network, signal };
    if (plugin.manifest.type !== "metadata")
      return [await sandbox.run(plugin, { ...call, library: archives })];
    const reports: RunReport[] = [];
    for (const archive of archives) {
      if (signal?.aborted) break;
      reports.push(await sandbox.run(plugin, { ...call, archive }));
    }
    return reports;
  };

  return {
    run: async (network, signal) => {
      await keeping;
      const began = performance.now();
      const problem = await load();
      const reports = problem || !current ? [] : await runOn(current, network, signal);
      const ms = Math.round(performance.now() - began);
      const runs = reports.map((report) => ({
        ...report,
        changed: compareRuns(last.of(report.archive), keptRun(report)),
      }));
      const isWhole = reports.length > 0 && !signal?.aborted;
      const isGood = isWhole && reports.every(({ failure }) => failure === null);
      // Inputs are kept with the answers that they need.
      if (isGood && recording.exchanges().length > 0) recording.addInput({ arg, url });
      keeping = keep(isWhole ? reports : []);
      keeping.catch(() => {});
      const { namespace = null, version = null } = current?.manifest ?? {};
      return { namespace, version, problem, runs, ms };
    },
    inputs: () => inputs,
    setArchives: (chosen) => {
      archives = chosen;
    },
    current: () => current,
    ask: async (right) => {
      const source = await readFile(file, "utf8");
      const changed = await askForRight(path.basename(file), source, right);
      if (changed === undefined) return false;
      await writeWhole({ file, content: changed, mode: 0o644 });
      return true;
    },
    close: async () => {
      await bundler.dispose();
      await keeping;
    },
  };
};
