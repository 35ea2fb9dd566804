import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunReport } from "../../kit/types.ts";
import { bundleFailure } from "../bundle-failure.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { type PluginRunOptions, pluginRunOptions, runTargets, settingsOf } from "../plugin-run.ts";
import { openRunArchives } from "../run-archives.ts";
import { runReportLines } from "../run-report.ts";
import type { Printer } from "../session.ts";

/** Runs it on each archive, over the real network; nothing is kept. */
const runAll = async (printer: Printer, file: string, options: PluginRunOptions): Promise<RunReport[]> => {
  // Loaded only here: they bring the sandbox and the bundler with them.
  const { bundlePlugin } = await import("../../kit/bundle/bundle.ts");
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const { createRecording } = await import("../../kit/network/recording.ts");
  const { filename, codeWithMap } = await bundlePlugin(file).catch(bundleFailure);
  const { archives, close } = await openRunArchives(printer, options);
  const sandbox = await openSandbox({ standby: 0 });
  try {
    const plugin = await sandbox.load(filename, codeWithMap);
    const { manifest } = plugin;
    const settings = await settingsOf(printer.io, manifest, options);
    const { arg, url } = options;
    const reports: RunReport[] = [];
    for (const target of runTargets(manifest, archives, `try ${path.basename(file)}`)) {
      const call = { ...target, settings, arg, url, network: "live", recording: createRecording() } as const;
      reports.push(await sandbox.run(plugin, call));
    }
    return reports;
  } finally {
    await sandbox.close();
    await close();
  }
};

const run = async (printer: Printer, place: string, options: PluginRunOptions): Promise<void> => {
  const { io } = printer;
  const { fetchPlugin, isAddress } = await import("../../kit/plugin-address.ts");
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-try-"));
  try {
    const file = isAddress(place) ? await fetchPlugin(place, folder) : path.resolve(io.cwd, place);
    const reports = await runAll(printer, file, options);
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
    .local("try <file>", "Run a plugin file, or one at an address, once in the sandbox. Needs no server.")
    .examples(
      "hitagi try my-plugin.ts --archive comic.cbz",
      "hitagi try https://example.org/a.ts --archive comic.cbz --set language=en",
    )
    .use(pluginRunOptions)
    .runLocal(run);
};
