import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  type ErrorReport,
  Lockfile,
  type SyncedField,
  type SyncedPlugin,
  type SyncedRegistry,
  type SyncPlan,
} from "@hitagi/contract";
import { Value } from "typebox/value";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, failureText, UsageError } from "../failure.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseRegistry } from "../lookup.ts";
import type { ColouredLine } from "../safe-text.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { warningText } from "./install.ts";

interface SyncOptions {
  registry?: string[];
  prune?: boolean;
  dryRun?: boolean;
  yes?: boolean;
}

const EXPORT = "`hitagi export` writes one.";

/** @throws UsageError where there is no lock file */
const readLockfile = async (session: Session, file: string): Promise<Lockfile> => {
  const text = await readFile(path.resolve(session.io.cwd, file), "utf8").catch((cause: unknown) => {
    throw new UsageError(
      `${file} cannot be read.`,
      `Give a lock file; ${EXPORT} (${(cause as Error).message})`,
    );
  });
  try {
    const lock: unknown = JSON.parse(text);
    if (Value.Check(Lockfile, lock)) return lock;
    const [first] = Value.Errors(Lockfile, lock);
    throw new UsageError(`${file} is no lock file: ${first?.instancePath || "/"} ${first?.message}.`, EXPORT);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${file} is no lock file: it is no JSON.`, EXPORT);
  }
};

/** The registries here that take the place of those of the lock file. @param given `name=registry` */
const namedRegistries = async (
  { client }: Session,
  lock: Lockfile,
  given: readonly string[],
): Promise<Record<string, string>> => {
  const pairs = given.map(async (one) => {
    const [name = "", ...rest] = one.split("=");
    if (!Object.hasOwn(lock.registries, name) || rest.length === 0)
      throw new UsageError(
        `--registry ${one} names no registry of the lock file.`,
        `Give name=registry. The lock file has: ${Object.keys(lock.registries).join(", ") || "none"}.`,
      );
    return [name, (await chooseRegistry(client, rest.join("="))).id] as const;
  });
  return Object.fromEntries(await Promise.all(pairs));
};

const headText = ({ locked, accepted }: SyncedRegistry): string | null =>
  locked && `${accepted ? accepted.sequence : "?"} (locked ${locked.sequence})`;

const registryColumns: Columns<SyncedRegistry> = {
  REGISTRY: "name",
  STATE: ({ id, conflicts }) => (conflicts.length > 0 ? "refused" : id === null ? "is added" : "is here"),
  HEAD: headText,
  KEY: ({ fingerprint }) => fingerprint && `${fingerprint.slice(0, 16)}…`,
  ADDRESS: "address",
};

const pluginColumns: Columns<SyncedPlugin> = {
  PLUGIN: "namespace",
  ACTION: ({ action, conflicts }) => (conflicts.length > 0 ? `refused: ${action}` : action),
  FROM: "from",
  TO: "to",
  REGISTRY: "registry",
};

const fieldText = (namespace: string, { field, name, from, to }: SyncedField): string =>
  `${namespace}: ${name ?? field} ${from ?? "not set"} -> ${to ?? "not set"}`;

const conflictLines = ({ conflicts }: { conflicts: readonly ErrorReport[] }): string[] =>
  conflicts.flatMap((one) => [`  ${failureText(one)}`, `  hint: ${one.hint}`]);

type Line = string | ColouredLine;

/** The plan as it is shown before it is carried out. */
const planLines = ({ io }: Session, { registries, plugins, same, left }: SyncPlan): Line[] => {
  const shown = registries.filter(({ id, conflicts }) => id === null || conflicts.length > 0);
  const refused = [...registries, ...plugins].flatMap(conflictLines);
  return [
    ...(shown.length > 0 ? [table(io, registryColumns, shown), ""] : []),
    ...(plugins.length > 0 ? [table(io, pluginColumns, plugins), ""] : []),
    ...plugins.flatMap(({ namespace, fields }) => fields.map((one) => fieldText(namespace, one))),
    ...[...registries, ...plugins].flatMap(({ warnings }) => warnings.map(warningText)),
    `${same} ${same === 1 ? "plugin is" : "plugins are"} as the lock file says.`,
    ...(left.length > 0
      ? [
          `Not in the lock file, and left: ${left.map(({ namespace, version }) => `${namespace} ${version}`).join(", ")}. --prune removes ${left.length === 1 ? "it" : "them"}.`,
        ]
      : []),
    ...(refused.length > 0 ? ["", "Refused:", ...refused] : []),
  ].flat();
};

/** Which secrets are to be entered by hand. */
const secretLines = ({ secrets }: SyncPlan): string[] =>
  secrets.map(({ namespace, names }) => {
    const values = names.map((name) => `${name}=…`).join(" ");
    return `${namespace} has secrets that a lock file does not hold: \`hitagi settings ${namespace} ${values}\`.`;
  });

/** @throws CommandFailed if the plan conflicts */
const refuse = ({ registries, plugins, conflicts }: SyncPlan): void => {
  const [first] = [...registries, ...plugins].flatMap((one) => one.conflicts);
  if (!first) return;
  const count = `The sync is refused for ${conflicts === 1 ? "one reason" : `${conflicts} reasons`}, and nothing was changed`;
  throw new CommandFailed(`${count}: ${failureText(first)}`, first.hint, first.code);
};

const doneText = ({ plugins }: SyncPlan): string =>
  plugins.length === 1 ? "One plugin was changed." : `${plugins.length} plugins were changed.`;

const sync = async (session: Session, file: string, options: SyncOptions): Promise<void> => {
  const { client } = session;
  const lock = await readLockfile(session, file);
  const registries = await namedRegistries(session, lock, options.registry ?? []);
  const body = { lock, registries, prune: options.prune ?? false };
  const { plan } = await client.planSync({ body });
  if (plan.done) {
    session.print({ applied: false, plan }, () => [
      ...(plan.left.length > 0 ? planLines(session, plan) : []),
      "There is nothing to do: all is as the lock file says.",
    ]);
    return session.say(secretLines(plan));
  }
  if (options.dryRun) {
    session.print({ applied: false, plan }, () => [...planLines(session, plan), "", "Nothing was changed."]);
    return refuse(plan);
  }
  session.say(planLines(session, plan));
  refuse(plan);
  const what = "The server is made what the lock file says, in one go or not at all.";
  await confirm(session.io, { what, ask: "Do it?", does: "do it" }, options);
  const { job } = await client.syncSet({ body });
  const applied = resultOf(await waitForJob(session, job)) as SyncPlan;
  session.print({ applied: true, plan: applied }, ({ plan: done }) => doneText(done));
  session.say(secretLines(applied));
};

/** `hitagi sync`. */
export const syncCommand = (program: CliCommand): void => {
  program
    .remote(
      "sync <file>",
      "Make the server's registries and plugins those of a lock file. Shows the plan and asks, then does all of it or nothing. What is not in the lock file stays.",
    )
    .examples("hitagi sync hitagi.lock --dry-run", "hitagi sync hitagi.lock --registry Example=Stick --yes")
    .option("--dry-run", "only show the plan")
    .option("--prune", "remove plugins that are not in the lock file; their settings stay")
    .option(
      "--registry <name=registry...>",
      "read a registry of the lock file from this one here, by id or name, such as its mirror; a signed one is found by its key",
    )
    .option("-y, --yes", "do not ask")
    .runRemote(sync);
};
