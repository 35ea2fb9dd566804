import type { Input } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseArchive } from "../lookup.ts";
import { safeText } from "../safe-text.ts";
import type { Session } from "../session.ts";

interface RunOptions {
  archive?: string;
  arg?: string;
  apply?: boolean;
}

type Query = Input<"usePlugin">["query"];

const use = async ({ client }: Session, query: Query): Promise<unknown> => {
  const { success, data, error, hint } = await client.usePlugin({ query });
  if (success === 1) return data;
  throw new CommandFailed(error ?? `${query.plugin} failed.`, hint);
};

const apply = async (session: Session, query: Query): Promise<unknown> => {
  const { job } = await session.client.queuePlugin({ query });
  return resultOf(await waitForJob(session, job));
};

const lineOf = ([name, value]: [string, unknown]): string =>
  `${name}: ${typeof value === "string" ? value.trim() : JSON.stringify(value)}`;

const textOf = (data: unknown): string => {
  if (typeof data !== "object" || data === null) return safeText(String(data));
  if (Array.isArray(data)) return safeText(JSON.stringify(data, null, 2));
  return safeText(Object.entries(data).map(lineOf).join("\n")) || "No result.";
};

const run = async (session: Session, plugin: string, options: RunOptions): Promise<void> => {
  const { archive, arg } = options;
  const id = archive && (await chooseArchive(session.client, archive));
  const data = await (options.apply ? apply : use)(session, { plugin, id, arg });
  session.print(data ?? null, textOf);
};

/** `hitagi run`: runs a plugin. */
export const runCommand = (program: CliCommand): void => {
  program
    .remote("run <namespace>", "Run a plugin and show its result.")
    .examples(
      "hitagi run comic-info --archive comic.cbz",
      "hitagi run comic-info --archive 0123abcd --apply",
      "hitagi run source-finder --arg https://example.org/1",
    )
    .option("--archive <archive>", "the archive: its id, a prefix of its id, or its file name")
    .option("--arg <text>", "its one-shot argument")
    .option("--apply", "store the result of a metadata plugin")
    .runRemote(run);
};
