import { type HeldBack, type Input, quoteText } from "@hitagi/contract";
import { Option } from "commander";
import { reportLines } from "../call-report.ts";
import type { CliCommand } from "../command.ts";
import { failedAs, type Hints, UsageError } from "../failure.ts";
import { fieldName } from "../format.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import type { Lines } from "../safe-text.ts";
import type { Session } from "../session.ts";
import { sayUndoOfEdit, textsOf } from "../undo-edit.ts";

interface RunOptions {
  archive?: string;
  arg?: string;
  url?: string;
  apply?: boolean;
  debug?: boolean;
}

type Query = Input<"usePlugin">["query"];

/** Only a call for a metadata plugin without an archive is not valid. */
const hintsFor = ({ plugin }: Query): Hints => ({
  VALIDATION_FAILED: `Name the archive by ${ARCHIVE_ARGUMENT}: \`hitagi run ${plugin ?? "--url <address>"} --archive <archive>\`.`,
});

/** The plugin that ran, and its result. */
interface Ran {
  plugin: string | undefined;
  data: unknown;
}

const use = async ({ client }: Session, query: Query): Promise<Ran> => {
  const { success, plugin, data, error, code, hint } = await client.usePlugin({ query });
  if (success === 1) return { plugin: query.plugin ?? plugin, data };
  const message = error ?? `${query.plugin ?? "The plugin"} failed.`;
  throw failedAs({ message, code, hint }, hintsFor(query));
};

const apply = async (session: Session, query: Query): Promise<Ran> => {
  const { job, plugin } = await session.client.queuePlugin({ query });
  const data = resultOf(await waitForJob(session, job), hintsFor(query));
  return { plugin: query.plugin ?? plugin, data };
};

/** A name of the result. One that looks like a label of this program is quoted. */
const nameOf = (name: string): string => (/^(error|hint)$|[^\w.-]/i.test(name) ? JSON.stringify(name) : name);

const shownValue = (value: unknown): string =>
  typeof value === "string" ? quoteText(value) : JSON.stringify(value);

const lineOf = ([name, value]: [string, unknown]): string => `${nameOf(name)}: ${shownValue(value)}`;

/** Scripts return what they like, also under this name. */
const isHeldBack = (value: unknown): value is Pick<HeldBack, "field" | "value" | "reason"> =>
  ["field", "value", "reason"].every((name) => typeof Object(value)[name] === "string");

/** What the field policy held back of a result, a line each. */
const heldBackLines = (heldBack: unknown): string[] =>
  Array.isArray(heldBack) && heldBack.every(isHeldBack)
    ? heldBack.map(
        ({ field, value, reason }) =>
          `held back by policy: ${fieldName(field)} ${quoteText(value)}. ${reason}`,
      )
    : [];

const linesOf = (data: unknown): Lines => {
  if (typeof data !== "object" || data === null) return shownValue(data);
  if (Array.isArray(data)) return JSON.stringify(data, null, 2).split("\n");
  const { heldBack, ...rest } = data as { heldBack?: unknown };
  const held = heldBackLines(heldBack);
  const lines = [...Object.entries(held.length > 0 ? rest : data).map(lineOf), ...held];
  return lines.length > 0 ? lines : "No result.";
};

/** Runs a plugin and shows what happened during the call, also if it failed. */
const runDebug = async (session: Session, query: Query, isApplied: boolean): Promise<void> => {
  const { plugin, data, debug, success, error, code, hint } = await session.client.usePlugin({
    query: { ...query, debug: true, ...(isApplied && { apply: true }) },
  });
  session.print({ plugin, data, debug }, () => [
    success === 1 ? linesOf(data) : "No result.",
    ...(debug ? [reportLines(session.io, debug)] : []),
  ]);
  if (success !== 1) throw failedAs({ message: error ?? "It failed.", code, hint }, hintsFor(query));
};

const runPlain = async (session: Session, query: Query, { apply: isApplied }: RunOptions): Promise<void> => {
  const { plugin, data } = await (isApplied ? apply : use)(session, query);
  if (query.plugin !== undefined) return session.print(data ?? null, linesOf);
  session.say(`${plugin} reads this address.`);
  session.print({ plugin, data }, () => linesOf(data));
};

const run = async (session: Session, named: string | undefined, options: RunOptions): Promise<void> => {
  const { archive, arg, url } = options;
  if (named === undefined && url === undefined) {
    throw new UsageError(
      "No plugin was given.",
      "Name one, or give the address of a page with --url: a plugin that reads it is chosen.",
    );
  }
  const id = archive && (await chooseArchive(session.client, archive));
  const query = { plugin: named, id, arg, url };
  const before = options.apply && id !== undefined ? await textsOf(session.client, id) : undefined;
  await (options.debug
    ? runDebug(session, query, options.apply ?? false)
    : runPlain(session, query, options));
  if (before && id !== undefined) await sayUndoOfEdit(session, id, before);
};

/** `hitagi run`: runs a plugin. */
export const runCommand = (program: CliCommand): void => {
  program
    .remote("run [namespace]", "Run a plugin and show its result.")
    .examples(
      "hitagi run comic-info --archive comic.cbz",
      "hitagi run comic-info --archive 0123abcd --apply",
      "hitagi run source-finder --arg https://example.org/1",
      "hitagi run comic-info --archive comic.cbz --debug",
      "hitagi run --url https://example.org/g/1 --archive comic.cbz --apply",
    )
    .option("--archive <archive>", `the archive: ${ARCHIVE_ARGUMENT}`)
    .addOption(new Option("--arg <text>", "its one-shot argument").conflicts("url"))
    .option(
      "--url <address>",
      "the page about the archive; without a namespace, a metadata plugin that reads the address is chosen",
    )
    .option("--apply", "store the result of a metadata plugin")
    .option("--debug", "show its log, requests, time, memory and stack")
    .runRemote(run);
};
