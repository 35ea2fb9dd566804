import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Bundle, BundleError, bundlePlugin } from "../bundle/bundle.ts";
import { recordingFile, sampleFiles } from "../files.ts";
import { readManifestSource } from "../manifest-source.ts";
import { readRecording } from "../network/recording.ts";
import type { Sandbox } from "../sandbox.ts";
import type { LoadedPlugin, RunFailure } from "../types.ts";
import { checks } from "./checks/all.ts";
import { oddRuns } from "./odd-runs.ts";
import { type Score, scoreOf } from "./score.ts";
import { type FindTypeProblems, typeProblems } from "./type-problems.ts";
import type { Finding, Subject } from "./types.ts";

/** What is known of one plugin after its check. */
export interface CheckedPlugin {
  /** The absolute path of its source. */
  file: string;
  /** Undefined where it does not load. */
  plugin: LoadedPlugin | undefined;
  bundle: Bundle | undefined;
  findings: Finding[];
  score: Score;
}

const bundled = async (file: string): Promise<Pick<Subject, "bundle" | "bundleProblems">> => {
  try {
    return { bundle: await bundlePlugin(file), bundleProblems: [] };
  } catch (error) {
    if (error instanceof BundleError) return { bundle: undefined, bundleProblems: error.problems };
    throw error;
  }
};

const loaded = async (
  sandbox: Sandbox,
  bundle: Bundle | undefined,
): Promise<{ plugin: LoadedPlugin | undefined; loadFailure: RunFailure | undefined }> => {
  if (!bundle) return { plugin: undefined, loadFailure: undefined };
  const { filename, codeWithMap } = bundle;
  try {
    return { plugin: await sandbox.load(filename, codeWithMap), loadFailure: undefined };
  } catch (error) {
    return { plugin: undefined, loadFailure: await sandbox.failureOf(error, filename, codeWithMap) };
  }
};

/** Runs it as its owners will. A plugin in Perl reaches the network itself, so it is not run. */
const observed = async (sandbox: Sandbox, file: string, plugin: LoadedPlugin | undefined) => {
  if (!plugin || /\.pm$/i.test(file)) return [];
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-check-"));
  try {
    const recording = await readRecording(recordingFile(file));
    return await oddRuns(sandbox, plugin, folder, await sampleFiles(file), recording);
  } finally {
    sandbox.retire(plugin);
    await rm(folder, { recursive: true, force: true });
  }
};

export interface CheckOptions {
  /** Whether it is run, and its types are checked; else it is only loaded. */
  runs?: boolean;
  /** Finds errors of types; one that is shared compiles a folder once. */
  findTypeProblems?: FindTypeProblems;
}

/**
 * Checks one plugin: its source, its manifest, and what it does under odd conditions. Its failures are findings.
 * @param file the absolute path of its source
 * @param base findings name files relative to this folder
 * @throws the file system's error for a file that cannot be read; HitagiError RUNTIME_UNAVAILABLE
 */
export const checkPlugin = async (
  sandbox: Sandbox,
  file: string,
  base: string,
  { runs = true, findTypeProblems = typeProblems }: CheckOptions = {},
): Promise<CheckedPlugin> => {
  const source = await readFile(file, "utf8");
  const checkingTypes = runs ? findTypeProblems(file) : undefined;
  const { bundle, bundleProblems } = await bundled(file);
  const { plugin, loadFailure } = await loaded(sandbox, bundle);
  const subject: Subject = {
    file,
    source,
    manifestSource: await readManifestSource(path.basename(file), source),
    bundle,
    bundleProblems,
    plugin,
    loadFailure,
    oddRuns: runs ? await observed(sandbox, file, plugin) : [],
    checkedTypes: await checkingTypes,
  };
  const found = await Promise.all(
    checks.map(async ({ rule, severity, run }) =>
      (await run(subject)).map((fault): Finding => {
        const { file: name = file, line = 1, column = 1, message, hint } = fault;
        const relative = path.relative(base, name).replaceAll(path.sep, "/");
        return { file: relative, line, column, rule, severity: fault.severity ?? severity, message, hint };
      }),
    ),
  );
  const findings = found.flat();
  return { file, plugin, bundle, findings, score: scoreOf(subject, findings) };
};

/** Two files with one namespace and version: a registry can offer only one of them. */
export const duplicates = (checked: readonly CheckedPlugin[], base: string): Finding[] => {
  const first = new Map<string, string>();
  return checked.flatMap(({ file, plugin }): Finding[] => {
    if (!plugin) return [];
    const { namespace, version } = plugin.manifest;
    const relative = path.relative(base, file).replaceAll(path.sep, "/");
    const other = first.get(`${namespace} ${version}`);
    first.set(`${namespace} ${version}`, other ?? relative);
    if (other === undefined) return [];
    const message = `The namespace ${namespace} with the version ${version} is also in ${other}.`;
    const hint = "Give one of the two another namespace, or, if it is the next version, another version.";
    return [{ file: relative, line: 1, column: 1, rule: "namespace", severity: "error", message, hint }];
  });
};
