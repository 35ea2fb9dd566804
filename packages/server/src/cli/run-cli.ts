import type { Command } from "commander";
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
import type { Io } from "./io.ts";
import { type AddCommand, programOf, runProgram } from "./program.ts";

const commands: readonly AddCommand[] = [
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
];

/** The whole command line. */
export const createProgram = (io: Io): Command => programOf(io, commands);

/**
 * Runs one command.
 * @param argv the arguments after the program's name
 * @returns the exit code, as the program's help lists it
 */
export const runCli = (argv: string[], io: Io): Promise<number> => runProgram(argv, io, commands);
