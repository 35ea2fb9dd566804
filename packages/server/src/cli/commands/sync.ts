import { readFile } from "node:fs/promises";
import path from "node:path";
import { Lockfile, type SyncPlan } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, failureText, UsageError } from "../failure.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { planLines } from "../sync-plan.ts";

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
  const { Value } = await import("typebox/value");
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
  if (conflicts === 1) throw new CommandFailed(failureText(first), first.hint, first.code);
  throw new CommandFailed(
    `The sync is refused for ${conflicts} reasons, and nothing was changed.`,
    "They are in the plan, each with its hint.",
    first.code,
  );
};

const doneText = ({ plugins, policies }: SyncPlan): string => {
  const rules =
    policies.length > 0 ? " The rules for what plugins may write are those of the lock file." : "";
  return `${plugins.length === 1 ? "One plugin was" : `${plugins.length} plugins were`} changed.${rules}`;
};

const sync = async (session: Session, file: string, options: SyncOptions): Promise<void> => {
  const { client } = session;
  const lock = await readLockfile(session, file);
  const registries = await namedRegistries(session, lock, options.registry ?? []);
  const body = { lock, registries, prune: options.prune ?? false };
  const { plan } = await client.planSync({ body });
  if (plan.done) {
    session.print({ applied: false, plan }, () => [
      ...(plan.left.length > 0 ? planLines(session.io, plan) : []),
      "There is nothing to do: all is as the lock file says.",
    ]);
    return session.say(secretLines(plan));
  }
  if (options.dryRun) {
    session.print({ applied: false, plan }, () => [
      ...planLines(session.io, plan),
      "",
      "Nothing was changed.",
    ]);
    return refuse(plan);
  }
  session.say(planLines(session.io, plan));
  refuse(plan);
  const what = "The server will be made what the lock file says, in one go or not at all.";
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
