import { type HistoryEntry, type Input, subjectKinds } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { timeText } from "../format.ts";
import { parseMoment } from "../option-values.ts";
import { safeJson } from "../safe-text.ts";
import type { PageOptions, Session } from "../session.ts";
import type { Columns } from "../table.ts";

type Query = Input<"listHistory">["query"];

/** Entries in each request of the export; the largest page size. */
const BATCH = 200;

const actorText = ({ actor: { kind, key } }: HistoryEntry): string =>
  key === null ? kind : `${key} (${kind})`;

const columns: Columns<HistoryEntry> = {
  TIME: (e) => timeText(e.time),
  WHO: actorText,
  ACTION: "action",
  SUBJECT: (e) => e.subject && `${e.subject.kind} ${e.subject.id}`,
  OUTCOME: "outcome",
  TOOK: (e) => `${e.ms} ms`,
  JOB: "job",
};

/** Prints every matching entry as a line of JSON, newest first. */
const printLines = async ({ io, client }: Session, query: Query): Promise<void> => {
  let before: number | undefined;
  for (;;) {
    const { items } = await client.listHistory({ query: { ...query, before, size: BATCH } });
    for (const entry of items) io.stdout.write(`${safeJson(entry, 0)}\n`);
    before = items.at(-1)?.id;
    if (before === undefined || items.length < BATCH) return;
  }
};

const history = async (
  session: Session,
  { jsonl, page, size, ...options }: Query & PageOptions & { jsonl?: boolean },
): Promise<void> => {
  const { actor, action, kind, subject, outcome, since, until } = options;
  const query = { actor, action, kind, subject, outcome, since, until };
  if (jsonl) return printLines(session, query);
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
      "hitagi history --subject title-cleaner",
      "hitagi history --outcome failed --since 7d",
      "hitagi history --jsonl > history.jsonl",
    )
    .option("--actor <who>", "a key's name, or api, cli, schedule, server")
    .option("--action <name>", "an operation or task, such as install_plugin")
    .choice("--kind <kind>", "kind of the subject", subjectKinds)
    .option("--subject <id>", "this plugin, registry, archive, key or job")
    .option("--outcome <outcome>", "ok, failed, or an error's code")
    .option("--since <when>", "from this time: 12h, 7d, 2027-01-31", parseMoment(-1))
    .option("--until <when>", "before this time", parseMoment(-1))
    .option("--jsonl", "print all matching entries, one JSON object on each line")
    .pages(20)
    .runRemote(history);
};
