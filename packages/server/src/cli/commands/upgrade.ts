import type { Command } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { leaf } from "../leaf.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface Upgraded {
  namespace: string;
  from: string;
  to: string;
  error: { message: string; hint: string } | null;
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

const upgrade = async (
  session: Session,
  names: string[],
  options: { grant?: boolean; list?: boolean },
): Promise<void> => {
  if (options.list) return showUpdates(session);
  const namespaces = names.length > 0 ? names : undefined;
  const { job } = await session.client.upgradePlugins({
    body: { namespaces, grant: options.grant ?? false },
  });
  const ended = await waitForJob(session, job);
  const { data } = (ended.result ?? {}) as { data?: { plugins?: Upgraded[] } };
  const plugins = data?.plugins ?? [];
  const head = ["NAMESPACE", "FROM", "TO", "OUTCOME"];
  const rows = plugins.map((p) => [p.namespace, p.from, p.to, p.error?.message ?? "upgraded"]);
  session.print(plugins, () => (rows.length > 0 ? table(session.io, head, rows) : "Nothing to upgrade."));
  resultOf(ended);
};

const rollback = async (session: Session, namespace: string, version: string | undefined): Promise<void> => {
  const done = await session.client.rollbackPlugin({ params: { namespace }, body: { version } });
  session.print(
    { namespace: done.namespace, version: done.version },
    (d) => `${d.namespace} is at ${d.version} again.`,
  );
};

const uninstall = async (session: Session, namespaces: string[]): Promise<void> => {
  const removed: { namespace: string; message: string }[] = [];
  const faults: string[] = [];
  for (const namespace of namespaces) {
    await session.client.uninstallPlugin({ params: { namespace } }).then(
      ({ successMessage }) => removed.push({ namespace, message: successMessage }),
      (e: unknown) => {
        // One plugin alone fails with the server's own words and hint.
        if (namespaces.length === 1 || !(e instanceof Error)) throw e;
        faults.push(e.message);
      },
    );
  }
  session.print(removed, (all) => all.map((r) => r.message).join("\n"));
  if (faults.length > 0) throw new CommandFailed(faults.join("\n"));
};

/** What changes an installed plugin: `hitagi upgrade`, `rollback` and `uninstall`. */
export const upgradeCommands = (program: Command, io: Io): void => {
  leaf(
    program,
    "upgrade [namespaces...]",
    "Upgrade some plugins, or all that have an update.",
    "hitagi upgrade",
    "hitagi upgrade title-cleaner --grant",
  )
    .option("--grant", "grant whatever the new versions ask for beyond what was granted")
    .option("--list", "only show what can be upgraded")
    .action(withSession(io, upgrade));
  leaf(
    program,
    "rollback <namespace> [version]",
    "Go back to the version before, or to one that is kept.",
    "hitagi rollback title-cleaner",
  ).action(withSession(io, rollback));
  leaf(
    program,
    "uninstall <namespaces...>",
    "Remove plugins; their settings are kept.",
    "hitagi uninstall title-cleaner",
  ).action(withSession(io, uninstall));
};
