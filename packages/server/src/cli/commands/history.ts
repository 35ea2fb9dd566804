import { type HistoryEntry, type Input, type SubjectKind, subjectKinds } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { noteNextPage, type PageOptions, withPages } from "../paging.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { parseMoment, timeText } from "../time.ts";

interface HistoryOptions extends PageOptions {
  actor?: string;
  action?: string;
  kind?: SubjectKind;
  subject?: string;
  outcome?: string;
  since?: number;
  until?: number;
  jsonl?: boolean;
}

type Query = Input<"listHistory">["query"];

/** Entries in each request of the export; the largest page size. */
const BATCH = 200;

const queryOf = ({ actor, action, kind, subject, outcome, since, until }: HistoryOptions): Query => ({
  ...(actor !== undefined && { actor }),
  ...(action !== undefined && { action }),
  ...(kind !== undefined && { kind }),
  ...(subject !== undefined && { subject }),
  ...(outcome !== undefined && { outcome }),
  ...(since !== undefined && { since }),
  ...(until !== undefined && { until }),
});

const who = ({ actor: { kind, key } }: HistoryEntry): string => (key === null ? kind : `${key} (${kind})`);

const rowOf = (e: HistoryEntry) => [
  timeText(e.time),
  who(e),
  e.action,
  e.subject && `${e.subject.kind} ${e.subject.id}`,
  e.outcome,
  `${e.ms} ms`,
  e.job,
];

/** Prints every matching entry as a line of JSON, newest first. */
const printLines = async ({ io, client }: Session, query: Query): Promise<void> => {
  let before: number | undefined;
  for (;;) {
    const { items } = await client.listHistory({
      query: { ...query, ...(before !== undefined && { before }), size: BATCH },
    });
    for (const entry of items) io.stdout.write(`${JSON.stringify(entry)}\n`);
    before = items.at(-1)?.id;
    if (before === undefined || items.length < BATCH) return;
  }
};

const history = async (session: Session, options: HistoryOptions): Promise<void> => {
  const query = queryOf(options);
  if (options.jsonl) return printLines(session, query);
  const { page, size } = options;
  const { total, items } = await session.client.listHistory({ query: { ...query, page, size } });
  session.print({ total, page, size, items }, () =>
    items.length > 0
      ? table(session.io, ["TIME", "WHO", "ACTION", "SUBJECT", "OUTCOME", "TOOK", "JOB"], items.map(rowOf))
      : "No matching entries.",
  );
  noteNextPage(session, { page, size, total, items });
};

/** `hitagi history`: recorded changes. */
export const historyCommand = (program: Command, io: Io): void => {
  withPages(
    serverCommand(
      program,
      "history",
      "Show changes of registries, plugins, settings, archives and keys, and who made them, newest first.",
      "hitagi history --subject title-cleaner",
      "hitagi history --outcome failed --since 7d",
      "hitagi history --jsonl > history.jsonl",
    )
      .option("--actor <who>", "a key's name, or api, cli, schedule, server")
      .option("--action <name>", "an operation or task, such as install_plugin")
      .addOption(new Option("--kind <kind>", "kind of the subject").choices([...subjectKinds]))
      .option("--subject <id>", "this plugin, registry, archive, key or job")
      .option("--outcome <outcome>", "ok, failed, or an error's code")
      .option("--since <when>", "from this time: 12h, 7d, 2027-01-31", parseMoment(-1))
      .option("--until <when>", "before this time", parseMoment(-1))
      .option("--jsonl", "print all matching entries, one JSON object on each line"),
    20,
  ).action(withSession(io, history));
};
