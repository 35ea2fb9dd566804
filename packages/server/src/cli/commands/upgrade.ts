import type { Command } from "commander";
import { askYesNo } from "../confirm.ts";
import { serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface Upgraded {
  namespace: string;
  from: string;
  to: string;
  error: { code: string; message: string; hint: string } | null;
}

const showUpdates = async (session: Session): Promise<void> => {
  const { updates } = await session.client.listUpdates({});
  session.print(updates, () =>
    updates.length > 0
      ? table(
          session.io,
          ["NAMESPACE", "INSTALLED", "UPDATE", "REGISTRY"],
          updates.map((u) => [u.namespace, u.installed, u.update, u.registry]),
        )
      : "Everything is up to date.",
  );
};

/** Upgrades in a job. @throws CommandFailed if the job itself failed, not for single upgrades */
const upgradeInJob = async (
  session: Session,
  namespaces: string[] | undefined,
  grant: boolean,
): Promise<Upgraded[]> => {
  const { job } = await session.client.upgradePlugins({ body: { namespaces, grant } });
  const ended = await waitForJob(session, job);
  const { data } = (ended.result ?? {}) as { data?: { plugins?: Upgraded[] } };
  if (data?.plugins) return data.plugins;
  resultOf(ended);
  return [];
};

/** Asks about each plugin that needs new permissions. @returns those that the user grants */
const askToGrant = async (session: Session, upgraded: Upgraded[]): Promise<string[]> => {
  if (!isInteractive(session.io)) return [];
  const granted: string[] = [];
  for (const { namespace, error } of upgraded) {
    if (error?.code !== "PERMISSION_NEEDED") continue;
    if (await askYesNo(session.io, `${error.message}. Grant it?`)) granted.push(namespace);
  }
  return granted;
};

/** Reports each failure with its own hint. */
const failWith = (upgraded: Upgraded[]): void => {
  const errors = upgraded.flatMap(({ error }) => error ?? []);
  const last = errors.pop();
  if (!last) return;
  const before = errors.map(({ message, hint }) => `${message}\nhint: ${hint}\n`);
  throw new CommandFailed(`${before.join("")}${last.message}`, last.hint);
};

const upgrade = async (
  session: Session,
  names: string[],
  options: { grant?: boolean; list?: boolean },
): Promise<void> => {
  if (options.list) return showUpdates(session);
  const first = await upgradeInJob(session, names.length > 0 ? names : undefined, options.grant ?? false);
  const granted = await askToGrant(session, first);
  const again = granted.length > 0 ? await upgradeInJob(session, granted, true) : [];
  const plugins = first.map((p) => again.find(({ namespace }) => namespace === p.namespace) ?? p);
  const head = ["NAMESPACE", "FROM", "TO", "OUTCOME"];
  const rows = plugins.map((p) => [p.namespace, p.from, p.to, p.error ? "failed" : "upgraded"]);
  session.print(plugins, () => (rows.length > 0 ? table(session.io, head, rows) : "Nothing to upgrade."));
  failWith(plugins);
};

const rollback = async (session: Session, namespace: string, version: string | undefined): Promise<void> => {
  const done = await session.client.rollbackPlugin({ params: { namespace }, body: { version } });
  session.print(
    { namespace: done.namespace, version: done.version },
    (d) => `${d.namespace} is now at ${d.version}.`,
  );
};

const uninstall = async (session: Session, namespaces: string[]): Promise<void> => {
  const removed: { namespace: string; message: string }[] = [];
  const failures: string[] = [];
  for (const namespace of namespaces) {
    await session.client.uninstallPlugin({ params: { namespace } }).then(
      ({ successMessage }) => removed.push({ namespace, message: successMessage }),
      (e: unknown) => {
        // With one plugin, the server's error and hint are the failure.
        if (namespaces.length === 1 || !(e instanceof Error)) throw e;
        failures.push(e.message);
      },
    );
  }
  session.print(removed, (all) => all.map((r) => r.message).join("\n"));
  if (failures.length > 0) throw new CommandFailed(failures.join("\n"));
};

/** `hitagi upgrade`, `rollback` and `uninstall`. */
export const upgradeCommands = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "upgrade [namespaces...]",
    "Upgrade the given plugins, or all with an update.",
    "hitagi upgrade",
    "hitagi upgrade title-cleaner --grant",
  )
    .option("--grant", "grant all new permissions")
    .option("--list", "only list available upgrades")
    .action(withSession(io, upgrade));
  serverCommand(
    program,
    "rollback <namespace> [version]",
    "Go back to the previous version, or to a kept one.",
    "hitagi rollback title-cleaner",
  ).action(withSession(io, rollback));
  serverCommand(
    program,
    "uninstall <namespaces...>",
    "Remove plugins. Their settings are kept.",
    "hitagi uninstall title-cleaner",
  ).action(withSession(io, uninstall));
};
