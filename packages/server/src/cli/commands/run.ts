import { type Input, quoteText } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { failedAs, type Hints } from "../failure.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import type { Lines } from "../safe-text.ts";
import type { Session } from "../session.ts";

interface RunOptions {
  archive?: string;
  arg?: string;
  apply?: boolean;
}

type Query = Input<"usePlugin">["query"];

/** Only a call for a metadata plugin without an archive fails so. */
const hintsFor = (plugin: string): Hints => ({
  VALIDATION_FAILED: `Name the archive by ${ARCHIVE_ARGUMENT}: \`hitagi run ${plugin} --archive <archive>\`.`,
});

const use = async ({ client }: Session, query: Query): Promise<unknown> => {
  const { success, data, error, code, hint } = await client.usePlugin({ query });
  if (success === 1) return data;
  throw failedAs({ message: error ?? `${query.plugin} failed.`, code, hint }, hintsFor(query.plugin));
};

const apply = async (session: Session, query: Query): Promise<unknown> => {
  const { job } = await session.client.queuePlugin({ query });
  return resultOf(await waitForJob(session, job), hintsFor(query.plugin));
};

/** A name of the result. One that looks like a label of this program is quoted. */
const nameOf = (name: string): string => (/^(error|hint)$|[^\w.-]/i.test(name) ? JSON.stringify(name) : name);

const shownValue = (value: unknown): string =>
  typeof value === "string" ? quoteText(value) : JSON.stringify(value);

const lineOf = ([name, value]: [string, unknown]): string => `${nameOf(name)}: ${shownValue(value)}`;

const linesOf = (data: unknown): Lines => {
  if (typeof data !== "object" || data === null) return shownValue(data);
  if (Array.isArray(data)) return JSON.stringify(data, null, 2).split("\n");
  const lines = Object.entries(data).map(lineOf);
  return lines.length > 0 ? lines : "No result.";
};

const run = async (session: Session, plugin: string, options: RunOptions): Promise<void> => {
  const { archive, arg } = options;
  const id = archive && (await chooseArchive(session.client, archive));
  const data = await (options.apply ? apply : use)(session, { plugin, id, arg });
  session.print(data ?? null, linesOf);
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
    .option("--archive <archive>", `the archive: ${ARCHIVE_ARGUMENT}`)
    .option("--arg <text>", "its one-shot argument")
    .option("--apply", "store the result of a metadata plugin")
    .runRemote(run);
};
