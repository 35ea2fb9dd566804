import { ApiError } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, messageOf } from "../failure.ts";
import { sayProblemsOf } from "../schedule-problems.ts";
import type { Session } from "../session.ts";
import { sayUndo } from "../undo.ts";

interface UninstallOptions {
  dropSettings?: boolean;
  ignoreRequirements?: boolean;
  yes?: boolean;
}

/** Asks before a removal; one that drops settings cannot be undone. */
const agree = (
  { io }: Session,
  namespaces: string[],
  { dropSettings = false, yes }: UninstallOptions,
): Promise<void> => {
  const names = namespaces.join(", ");
  const step = dropSettings
    ? { what: `${names} will be removed, with all settings, secrets and caches.` }
    : {
        what: `${names} will be removed. Settings are kept: --drop-settings deletes them with secrets and caches.`,
        undo: `hitagi rollback ${namespaces[0]}`,
      };
  return confirm(io, { ...step, ask: "Remove?", does: "remove and delete all that" }, { yes });
};

const uninstall = async (
  session: Session,
  namespaces: string[],
  options: UninstallOptions,
): Promise<void> => {
  const { dropSettings, ignoreRequirements } = options;
  await agree(session, namespaces, options);
  const removed: { namespace: string; message: string }[] = [];
  const query = { dropSettings, ignoreRequirements };
  const remove = async (namespace: string): Promise<Error | undefined> => {
    try {
      const { successMessage } = await session.client.uninstallPlugin({ params: { namespace }, query });
      removed.push({ namespace, message: successMessage });
      return undefined;
    } catch (e) {
      // With one plugin, the server's error and hint are the failure.
      if (namespaces.length === 1 || !(e instanceof Error)) throw e;
      return e;
    }
  };
  const failures: string[] = [];
  const waiting: string[] = [];
  const fail = (namespace: string, error: Error | undefined, isLast: boolean): void => {
    if (!error) return;
    // What needs it may be removed later.
    if (!isLast && error instanceof ApiError && error.code === "PLUGIN_REQUIRED") waiting.push(namespace);
    else failures.push(messageOf(error));
  };
  for (const namespace of namespaces) fail(namespace, await remove(namespace), false);
  for (const namespace of waiting.reverse()) fail(namespace, await remove(namespace), true);
  session.print(removed, (all) => all.map((r) => r.message));
  if (!dropSettings) sayUndo(session.say, ...removed.map(({ namespace }) => ["rollback", namespace]));
  await sayProblemsOf(
    session,
    removed.map(({ namespace }) => namespace),
  );
  if (failures.length > 0) throw new CommandFailed(failures);
};

const reinstall = async (session: Session, namespace: string): Promise<void> => {
  const done = await session.client.reinstallPlugin({ params: { namespace } });
  const current = { namespace: done.namespace, version: done.version };
  session.print(
    current,
    () => `Reinstalled ${current.namespace} ${current.version}. Its settings are as before.`,
  );
};

/** `hitagi uninstall` and `reinstall`. */
export const uninstallCommands = (program: CliCommand): void => {
  program
    .remote("uninstall <namespaces...>", "Remove plugins. Their settings are kept, unless they are dropped.")
    .examples("hitagi uninstall title-cleaner", "hitagi uninstall title-cleaner --drop-settings")
    .option("--drop-settings", "also delete settings, secrets and caches")
    .option("--ignore-requirements", "also remove what other plugins need")
    .option("-y, --yes", "do not ask")
    .runRemote(uninstall);
  program
    .remote("reinstall <namespace>", "Put the installed version in place again. Settings and grants stay.")
    .examples("hitagi reinstall title-cleaner")
    .runRemote(reinstall);
};
