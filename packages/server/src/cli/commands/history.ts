import { type HistoryEntry, type Input, subjectKinds } from "@hitagi/contract";
import { timeText, utcTime } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { csvLine } from "../csv.ts";
import { tookText } from "../format.ts";
import { ARCHIVE_ARGUMENT, choosePastArchive, chooseRegistry } from "../lookup.ts";
import { parseMoment } from "../option-values.ts";
import { safeJson, safeLine } from "../safe-text.ts";
import type { PageOptions, Session } from "../session.ts";
import type { Columns } from "../table.ts";

type Query = Input<"listHistory">["query"];

/** Entries in each request of the export; the largest page size. */
const BATCH = 200;

const actorText = ({ actor: { kind, key } }: HistoryEntry): string =>
  key === null ? kind : `${key} (${kind})`;

const SHORT_ID = 8;

const shortId = (kind: string, id: string): string => (kind === "archive" ? id.slice(0, SHORT_ID) : id);

/** What was changed: its kind, and its name before its id. */
const subjectText = ({ subject, details }: HistoryEntry): string => {
  if (subject === null) return details?.name ?? "";
  const id = shortId(subject.kind, subject.id);
  return details?.name === undefined ? `${subject.kind} ${id}` : `${subject.kind} ${details.name} (${id})`;
};

type Plugin = NonNullable<NonNullable<HistoryEntry["details"]>["plugins"]>[number];

const versionText = ({ from, to }: Plugin): string =>
  [from ?? undefined, to].filter((version) => version !== undefined).join(" → ");

type Details = NonNullable<HistoryEntry["details"]>;

/** What became of an archive, and which of its texts changed. */
const outcomeText = (outcome: Details["outcome"], change: Details["change"]): string => {
  const fields = (["title", "tags", "summary"] as const).filter(
    (field) => change && change.before[field] !== change.after[field],
  );
  if (outcome === undefined && fields.length === 0) return "";
  const word = (outcome ?? "changed").replaceAll("_", " ");
  return fields.length > 0 ? `${word}: ${fields.join(" and ")}` : word;
};

/** What the change did, as far as it is known: versions, the archive, counts. */
const detailsText = ({ subject, details }: HistoryEntry): string => {
  const { plugins = [], archive, outcome, change, counts = {}, dropped_settings: dropped } = details ?? {};
  const isOne = plugins.length === 1 && plugins[0]?.namespace === subject?.id;
  const parts = [
    ...plugins.map((one) => `${isOne ? "" : `${one.namespace} `}${versionText(one)}`.trim()),
    ...(dropped === undefined ? [] : [dropped ? "settings dropped" : "settings kept"]),
    ...(archive ? [`${archive.title ?? "archive"} (${archive.id.slice(0, SHORT_ID)})`] : []),
    ...(outcome || change ? [outcomeText(outcome, change)] : []),
    ...Object.entries(counts).map(([outcome, count]) => `${count} ${outcome.replaceAll("_", " ")}`),
  ];
  return parts.filter(Boolean).join(", ");
};

const columns: Columns<HistoryEntry> = {
  TIME: (e) => timeText(e.time),
  WHO: actorText,
  ACTION: "action",
  SUBJECT: subjectText,
  OUTCOME: "outcome",
  TOOK: (e) => tookText(e.ms),
  JOB: "job",
  DETAILS: detailsText,
};

const CSV_HEAD = ["time", "actor", "key", "action", "kind", "id", "name", "outcome", "ms", "job", "details"];

const csvOf = (entry: HistoryEntry): string =>
  csvLine([
    utcTime(entry.time),
    ...[entry.actor.kind, entry.actor.key, entry.action],
    ...[entry.subject?.kind, entry.subject?.id, entry.details?.name && safeLine(entry.details.name)],
    ...[entry.outcome, entry.ms, entry.job, safeLine(detailsText(entry))],
  ]);

/** Prints every matching entry as a line, newest first. */
const printLines = async (
  { io, client }: Session,
  query: Query,
  lineOf: (entry: HistoryEntry) => string,
): Promise<void> => {
  let before: number | undefined;
  for (;;) {
    const { items } = await client.listHistory({ query: { ...query, before, size: BATCH } });
    for (const entry of items) io.stdout.write(lineOf(entry));
    before = items.at(-1)?.id;
    if (before === undefined || items.length < BATCH) return;
  }
};

interface HistoryOptions extends PageOptions, Query {
  page: number;
  size: number;
  jsonl?: boolean;
  csv?: boolean;
}

/** The id of a registry by its name; the text itself for one that was removed. */
const registryId = async ({ client }: Session, text: string): Promise<string> =>
  chooseRegistry(client, text).then(
    ({ id }) => id,
    () => text,
  );

const history = async (session: Session, options: HistoryOptions): Promise<void> => {
  const { jsonl, csv, page, size } = options;
  const { actor, action, kind, plugin, outcome, since, until } = options;
  const archive = options.archive && (await choosePastArchive(session.client, options.archive));
  // In lists a registry stands with its name before its id.
  const isRegistry = kind === "registry" && options.subject !== undefined;
  const subject = isRegistry ? await registryId(session, options.subject ?? "") : options.subject;
  const query = { actor, action, kind, subject, plugin, archive, outcome, since, until };
  if (jsonl) return printLines(session, query, (entry) => `${safeJson(entry, 0)}\n`);
  if (csv) {
    session.io.stdout.write(csvLine(CSV_HEAD));
    return printLines(session, query, csvOf);
  }
  const { total, items } = await session.client.listHistory({ query: { ...query, page, size } });
  session.printPage({ total, page, size, items }, columns, "No matching entries.");
};

/** `hitagi history`: recorded changes. */
export const historyCommand = (program: CliCommand): void => {
  program
    .remote(
      "history",
      "Show changes of registries, plugins, settings, archives and keys, and who made them, newest first.",
    )
    .examples(
      "hitagi history --plugin title-cleaner",
      "hitagi history --archive comic.cbz --since yesterday",
      "hitagi history --outcome failed --since 7d",
      "hitagi history --csv > history.csv",
    )
    .option("--plugin <namespace>", "what was done to this plugin, its settings, or by it")
    .option("--archive <archive>", `what was done to this archive: ${ARCHIVE_ARGUMENT}`)
    .option("--actor <who>", "a key's name, or api, cli, schedule, server")
    .option("--action <name>", "an operation or task, such as install_plugin")
    .choice("--kind <kind>", "kind of the subject", subjectKinds)
    .option(
      "--subject <id>",
      "this plugin, registry, key or job; an archive by its id or the beginning of it",
    )
    .option("--outcome <outcome>", "ok, failed, or an error's code")
    .option("--since <when>", "from this time: 12h, 7d, yesterday, 2027-01-31", parseMoment(-1))
    .option("--until <when>", "before this time", parseMoment(-1))
    .option("--jsonl", "print all matching entries, one JSON object on each line")
    .option("--csv", "print all matching entries as comma-separated values, with times in UTC")
    .pages(20)
    .runRemote(history);
};
