import { type HistoryEntry, type Input, type SubjectKind, subjectKinds } from "@hitagi/contract";
import { type Command, Option } from "commander";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { wholeNumber } from "../numbers.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { moment, timeText } from "../time.ts";

interface HistoryOptions {
  actor?: string;
  action?: string;
  kind?: SubjectKind;
  subject?: string;
  outcome?: string;
  since?: number;
  until?: number;
  page: number;
  size: number;
  jsonl?: boolean;
}

type Query = Input<"listHistory">["query"];

/** Entries that the export asks for at once; the most that a page may have. */
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

/** Prints every entry that fits as a line of JSON, newest first. */
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
      : "Nothing that fits.",
  );
  if (page * size < total) session.say(`${items.length} of ${total}; the next are at --page ${page + 1}.`);
};

/** `hitagi history`: who did what. */
export const historyCommand = (program: Command, io: Io): void => {
  leaf(
    program,
    "history",
    "Show who did what to which registry, plugin, setting, archive or key, newest first.",
    "hitagi history --subject title-cleaner",
    "hitagi history --outcome failed --since 7d",
    "hitagi history --jsonl > history.jsonl",
  )
    .option("--actor <who>", "a key's name, or api, cli, schedule, server")
    .option("--action <name>", "an operation or task, such as install_plugin")
    .addOption(new Option("--kind <kind>", "done to this kind of thing").choices([...subjectKinds]))
    .option("--subject <id>", "done to this plugin, registry, archive, key or job")
    .option("--outcome <outcome>", "ok, failed, or an error's code")
    .option("--since <when>", "from then on: 12h, 7d, 2027-01-31", moment(-1))
    .option("--until <when>", "before then", moment(-1))
    .option("--page <number>", "which page", wholeNumber(1), 1)
    .option("--size <number>", "how many a page, at most 200", wholeNumber(1, 200), 20)
    .option("--jsonl", "print all that fit, one JSON object a line")
    .action(withSession(io, history));
};
