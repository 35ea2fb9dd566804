import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunReport } from "../../kit/types.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import {
  type PluginRunOptions,
  pluginRunOptions,
  runTargets,
  settingsOf,
  withArchives,
} from "../plugin-run.ts";
import { openRunArchives } from "../run-archives.ts";
import { runReportLines } from "../run-report.ts";
import type { Printer } from "../session.ts";
import { bundleFailure, sourceFailure } from "../source-failure.ts";

/**
 * Runs it on each archive, over the real network; nothing is kept.
 * @param failure tells why it does not load or run, and throws
 */
const runAll = async (
  printer: Printer,
  file: string,
  options: PluginRunOptions,
  failure: (error: unknown) => never,
): Promise<RunReport[]> => {
  // Loaded only here: they bring the sandbox and the bundler with them.
  const { bundlePlugin } = await import("../../kit/bundle/bundle.ts");
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const { createRecording } = await import("../../kit/network/recording.ts");
  const { filename, codeWithMap } = await bundlePlugin(file).catch(failure);
  const { archives, close } = await openRunArchives(printer, options);
  const sandbox = await openSandbox({ standby: 0 });
  try {
    const plugin = await sandbox.load(filename, codeWithMap).catch(failure);
    const { manifest } = plugin;
    const settings = await settingsOf(printer.io, manifest, options);
    const { arg, url } = options;
    const reports: RunReport[] = [];
    for (const target of runTargets(manifest, archives, `try ${path.basename(file)}`)) {
      const call = { ...target, settings, arg, url, network: "live", recording: createRecording() } as const;
      reports.push(await sandbox.run(plugin, call).catch(failure));
    }
    return reports;
  } finally {
    await sandbox.close();
    await close();
  }
};

const run = async (
  printer: Printer,
  place: string,
  more: readonly string[],
  options: PluginRunOptions,
): Promise<void> => {
  const { io } = printer;
  const { fetchPlugin, isAddress } = await import("../../kit/plugin-address.ts");
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-try-"));
  try {
    const named = withArchives(options, more);
    // A file at an address is of another author.
    const reports = isAddress(place)
      ? await runAll(printer, await fetchPlugin(place, folder), named, bundleFailure)
      : await runAll(printer, path.resolve(io.cwd, place), named, sourceFailure);
    printer.print({ runs: reports }, () => reports.map((report) => runReportLines(io, report)));
    const failed = reports.filter(({ failure }) => failure !== null);
    if (failed.length > 0)
      throw new CommandFailed(`${failed.length} of ${reports.length} runs failed.`, "The reason is above.");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** `hitagi try`: runs a plugin file once, in the sandbox, and shows all of it. Needs no server. */
export const tryCommand = (program: CliCommand): void => {
  program
    .local(
      "try <file> [archives...]",
      "Run a plugin file, or one at an address, once in the sandbox. Needs no server.",
    )
    .examples(
      "hitagi try my-plugin.ts --archive comic.cbz",
      "hitagi try https://example.org/a.ts --archive comic.cbz --set language=en",
    )
    .use(pluginRunOptions)
    .runLocal(run);
};
