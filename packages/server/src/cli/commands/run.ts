import type { Command } from "commander";
import { chooseArchive } from "../archive-choice.ts";
import { serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { safeText } from "../safe-text.ts";
import { type Session, withSession } from "../session.ts";

interface RunOptions {
  archive?: string;
  arg?: string;
  apply?: boolean;
}

const use = async (
  { client }: Session,
  plugin: string,
  { archive: id, arg }: RunOptions,
): Promise<unknown> => {
  const used = await client.usePlugin({ query: { plugin, id, arg } });
  if (used.success === 1) return used.data;
  throw new CommandFailed(used.error ?? `${plugin} failed.`, used.hint);
};

const apply = async (
  session: Session,
  plugin: string,
  { archive: id, arg }: RunOptions,
): Promise<unknown> => {
  const { job } = await session.client.queuePlugin({ query: { plugin, id, arg } });
  return resultOf(await waitForJob(session, job));
};

const lineOf = ([name, value]: [string, unknown]): string =>
  `${name}: ${typeof value === "string" ? value.trim() : JSON.stringify(value)}`;

const textOf = (data: unknown): string => {
  if (typeof data !== "object" || data === null) return safeText(String(data));
  if (Array.isArray(data)) return safeText(JSON.stringify(data, null, 2));
  return safeText(Object.entries(data).map(lineOf).join("\n")) || "No result.";
};

const run = async (session: Session, plugin: string, given: RunOptions): Promise<void> => {
  const archive = given.archive && (await chooseArchive(session.client, given.archive));
  const options = archive === undefined ? given : { ...given, archive };
  const data = await (options.apply ? apply : use)(session, plugin, options);
  session.print(data ?? null, textOf);
};

/** `hitagi run`: runs a plugin. */
export const runCommand = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "run <namespace>",
    "Run a plugin and show its result.",
    "hitagi run comic-info --archive comic.cbz",
    "hitagi run comic-info --archive 0123abcd --apply",
    "hitagi run source-finder --arg https://example.org/1",
  )
    .option("--archive <archive>", "the archive: its id, a prefix of its id, or its file name")
    .option("--arg <text>", "its one-shot argument")
    .option("--apply", "store the result of a metadata plugin")
    .action(withSession(io, run));
};
