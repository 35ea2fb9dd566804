import type { Command } from "commander";
import { version } from "../version.ts";
import { CliCommand, connectionOptions } from "./command.ts";
import { backupCommand } from "./commands/backup.ts";
import { batchCommands } from "./commands/batch.ts";
import { chainCommands } from "./commands/chain.ts";
import { checkCommand } from "./commands/check.ts";
import { completionCommands } from "./commands/completion.ts";
import { devCommand } from "./commands/dev.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { grantCommands } from "./commands/grant.ts";
import { historyCommand } from "./commands/history.ts";
import { holdCommands } from "./commands/hold.ts";
import { importCommands } from "./commands/import.ts";
import { infoCommand } from "./commands/info.ts";
import { installCommands } from "./commands/install.ts";
import { jobCommands } from "./commands/job.ts";
import { keyCommands } from "./commands/key.ts";
import { libraryCommands } from "./commands/library.ts";
import { listCommands } from "./commands/list.ts";
import { logsCommand } from "./commands/logs.ts";
import { mirrorCommand } from "./commands/mirror.ts";
import { moveCommand } from "./commands/move.ts";
import { newCommand } from "./commands/new.ts";
import { nodesCommand } from "./commands/nodes.ts";
import { notifyCommands } from "./commands/notify.ts";
import { packCommand } from "./commands/pack.ts";
import { policyCommands } from "./commands/policy.ts";
import { portCommand } from "./commands/port.ts";
import { registryCommands } from "./commands/registry.ts";
import { restoreCommand } from "./commands/restore.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { runCommand } from "./commands/run.ts";
import { scheduleCommands } from "./commands/schedule.ts";
import { searchCommand } from "./commands/search.ts";
import { serveCommand } from "./commands/serve.ts";
import { settingsCommand } from "./commands/settings.ts";
import { storeCommands } from "./commands/store.ts";
import { syncCommand } from "./commands/sync.ts";
import { testHostCommand } from "./commands/test-host.ts";
import { tryCommand } from "./commands/try.ts";
import { uninstallCommands } from "./commands/uninstall.ts";
import { upgradeCommand } from "./commands/upgrade.ts";
import { watchCommand } from "./commands/watch.ts";
import { exitCodes, reportFailure } from "./failure.ts";
import type { Io, Output } from "./io.ts";

const after = `
Exit codes: ${exitCodes.done} success, ${exitCodes.failed} failure, ${exitCodes.usage} wrong usage, ${exitCodes.unreachable} no server answers.

Example:
  $ hitagi serve
  $ hitagi registry add ./registry
  $ hitagi install comic-info-full`;

const root = (io: Io): CliCommand =>
  new CliCommand(io, "hitagi")
    .use(connectionOptions)
    .description("A plugin registry and sandboxed plugin host.")
    .version(version)
    .addHelpText("after", after)
    .enablePositionalOptions()
    // Descriptions beside long names wrap in a terminal of 80 columns too.
    .configureHelp({ minWidthToWrap: 20 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError("hint: See `hitagi --help`, or --help after a command.")
    .exitOverride();

/** The whole command line. */
export const createProgram = (io: Io): Command => {
  const program = root(io);
  for (const add of [
    serveCommand,
    registryCommands,
    searchCommand,
    infoCommand,
    installCommands,
    upgradeCommand,
    uninstallCommands,
    moveCommand,
    holdCommands,
    rollbackCommand,
    listCommands,
    grantCommands,
    settingsCommand,
    runCommand,
    newCommand,
    devCommand,
    tryCommand,
    checkCommand,
    packCommand,
    portCommand,
    logsCommand,
    batchCommands,
    policyCommands,
    chainCommands,
    libraryCommands,
    jobCommands,
    scheduleCommands,
    notifyCommands,
    keyCommands,
    nodesCommand,
    watchCommand,
    historyCommand,
    importCommands,
    exportCommand,
    syncCommand,
    mirrorCommand,
    backupCommand,
    restoreCommand,
    storeCommands,
    doctorCommand,
    completionCommands,
    testHostCommand,
  ]) {
    add(program);
  }
  return program;
};

/**
 * Runs one command.
 * @param argv the arguments after the program's name
 * @returns the exit code, see {@link exitCodes}
 */
export const runCli = async (argv: string[], io: Io): Promise<number> => {
  let hasPrinted = false;
  // A command that prints its result and then fails has told the failure in it.
  const stdout: Output = {
    ...(io.stdout.isTTY !== undefined && { isTTY: io.stdout.isTTY }),
    // A terminal may be resized while a command runs.
    get columns() {
      return io.stdout.columns;
    },
    write: (text) => {
      hasPrinted = true;
      return io.stdout.write(text);
    },
  };
  try {
    await createProgram({ ...io, stdout }).parseAsync(argv, { from: "user" });
    return exitCodes.done;
  } catch (error) {
    return reportFailure(io, error, argv.includes("--json") && !hasPrinted);
  }
};
