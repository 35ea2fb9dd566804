import type { Command } from "commander";
import { chooseArchive } from "../archive-choice.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { leaf } from "../leaf.ts";
import { plain } from "../plain.ts";
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
  if (typeof data !== "object" || data === null) return plain(String(data));
  if (Array.isArray(data)) return plain(JSON.stringify(data, null, 2));
  return plain(Object.entries(data).map(lineOf).join("\n")) || "It found nothing.";
};

const run = async (session: Session, plugin: string, given: RunOptions): Promise<void> => {
  const archive = given.archive && (await chooseArchive(session.client, given.archive));
  const options = archive === undefined ? given : { ...given, archive };
  const data = await (options.apply ? apply : use)(session, plugin, options);
  session.print(data ?? null, textOf);
};

/** `hitagi run`: use a plugin. */
export const runCommand = (program: Command, io: Io): void => {
  leaf(
    program,
    "run <namespace>",
    "Use a plugin and show what it gave.",
    "hitagi run comic-info --archive comic.cbz",
    "hitagi run comic-info --archive 0123abcd --apply",
    "hitagi run source-finder --arg https://example.org/1",
  )
    .option(
      "--archive <archive>",
      "what it works on: an archive's id, the beginning of one, or its file name",
    )
    .option("--arg <text>", "its one-shot argument")
    .option("--apply", "write what a metadata plugin found to the archive")
    .action(withSession(io, run));
};
