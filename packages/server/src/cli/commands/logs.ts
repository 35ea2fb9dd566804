import {
  type Input,
  logLevels,
  type PluginLogLine,
  type PluginLogMessage,
  type ServerLogLine,
  type ServerLogMessage,
} from "@hitagi/contract";
import { Option } from "commander";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { followStream } from "../follow-stream.ts";
import { hasColour, type Io } from "../io.ts";
import { ARCHIVE_ARGUMENT, choosePastArchive } from "../lookup.ts";
import { parseMoment, wholeNumber } from "../option-values.ts";
import { type ColouredLine, safeJson, safeLine } from "../safe-text.ts";
import type { Session } from "../session.ts";

interface LogsOptions {
  follow?: boolean;
  lines: number;
  level?: PluginLogLine["level"];
  since?: number;
  until?: number;
  archive?: string;
  job?: number;
  call?: string;
}

const COLOURS: Record<PluginLogLine["level"], number> = { debug: 90, info: 36, warn: 33, error: 31 };

/** Characters of an archive's title that a line shows. */
const MAX_TITLE = 40;

const short = (text: string): string => (text.length > MAX_TITLE ? `${text.slice(0, MAX_TITLE - 1)}…` : text);

/** What a line is about: the archive's title, the job and the server. */
const aboutText = ({ archive, job, node }: PluginLogLine): string =>
  [archive && short(safeLine(archive.title)), job !== null && `job ${job}`, safeLine(node)]
    .filter(Boolean)
    .join(", ");

/** A line of a log. Further lines of its text are indented below it. @param about what stands after its text */
const lineOf = (
  io: Io,
  line: Pick<PluginLogLine, "time" | "level" | "text">,
  about: string,
): ColouredLine[] => {
  const paint = (text: string, colour: number): string =>
    hasColour(io, io.stdout) ? `\u001b[${colour}m${text}\u001b[0m` : text;
  const [first = "", ...more] = line.text.split("\n").map((text) => safeLine(text));
  const level = paint(line.level.padEnd(5), COLOURS[line.level]);
  return [
    { coloured: `${timeText(line.time)} ${level} ${first}${about && `  ${paint(about, 90)}`}` },
    ...more.map((text) => ({ coloured: `    ${text}` })),
  ];
};

/** A line of a plugin's log. */
export const logLine = (io: Io, line: PluginLogLine): ColouredLine[] =>
  lineOf(io, line, `[${aboutText(line)}]`);

/** A line of the server's log, with its details as JSON. */
const serverLine = (io: Io, line: ServerLogLine): ColouredLine[] =>
  lineOf(io, line, Object.keys(line.details).length > 0 ? safeJson(line.details, 0) : "");

type Query = Input<"streamPluginLog">["query"];

/** Writes each message of a stream as it comes. */
const shown =
  <M extends { kind: string }>({ io, json }: Session, toLines: (line: M) => ColouredLine[]) =>
  (message: M): void => {
    if (message.kind === "ready") return;
    const { kind: _, ...line } = message;
    const lines = json ? [safeJson(line, 0)] : toLines(message).map(({ coloured }) => coloured);
    io.stdout.write(`${lines.join("\n")}\n`);
  };

const follow = (session: Session, namespace: string, query: Query): Promise<void> =>
  followStream<PluginLogMessage>(
    session,
    (after, signal) =>
      session.client.streamPluginLog({ params: { namespace }, query: { ...query, after }, signal }),
    shown(session, (line) => (line.kind === "line" ? logLine(session.io, line) : [])),
  );

/** The server's own log. @throws UsageError for what only the log of a plugin has */
const serverLogs = async (session: Session, options: LogsOptions): Promise<void> => {
  const { lines: size, level, follow: isFollowed } = options;
  const ofPlugins = (["since", "until", "archive", "job", "call"] as const).find(
    (name) => options[name] !== undefined,
  );
  if (ofPlugins !== undefined)
    throw new UsageError(`--${ofPlugins} needs a plugin.`, "Name it: `hitagi logs <namespace>`.");
  const { client, io } = session;
  if (isFollowed) {
    return followStream<ServerLogMessage>(
      session,
      (after, signal) => client.streamServerLog({ query: { level, size, after }, signal }),
      shown(session, (line) => (line.kind === "line" ? serverLine(io, line) : [])),
    );
  }
  const { host, items, more } = await client.listServerLog({ query: { level, size } });
  session.print({ host, items, more }, () =>
    items.length > 0
      ? items.flatMap((line) => serverLine(io, line))
      : `The server on ${host} has logged nothing that matches.`,
  );
  if (more) session.say("Older lines match too. For more of them, use --lines, or --follow for new ones.");
};

const logs = async (session: Session, namespace: string | undefined, options: LogsOptions): Promise<void> => {
  if (namespace === undefined) return serverLogs(session, options);
  const { lines: size, level, since, until, job, call } = options;
  const archive = options.archive && (await choosePastArchive(session.client, options.archive));
  const filter = { level, since, archive, job, call };
  if (options.follow) return follow(session, namespace, { ...filter, size });
  const query = { ...filter, until, size };
  const { items, more } = await session.client.listPluginLog({ params: { namespace }, query });
  session.print({ items, more }, () =>
    items.length > 0
      ? items.flatMap((line) => logLine(session.io, line))
      : `${namespace} has logged nothing that matches.`,
  );
  if (more) session.say(`Older lines match too. For more of them, use --lines, or --follow for new ones.`);
};

/** `hitagi logs`: what the server or a plugin logged. */
export const logsCommand = (program: CliCommand): void => {
  program
    .remote(
      "logs [namespace]",
      "Show what a plugin logged on all servers, and why calls of it failed; without a plugin what the server logged since it runs.",
    )
    .examples(
      "hitagi logs",
      "hitagi logs comic-info",
      "hitagi logs comic-info --follow",
      "hitagi logs comic-info --level warn --since 1d --json",
    )
    .option("-f, --follow", "go on with new lines until Ctrl-C; with --json one object a line")
    .option("--lines <number>", "show so many of the newest lines, at most 1000", wholeNumber(1, 1000), 50)
    .choice("--level <level>", "this level and those above it", logLevels)
    .option("--since <when>", "from this time: 30m, 12h, 7d, yesterday, 2027-01-31", parseMoment(-1))
    .addOption(
      new Option("--until <when>", "before this time").argParser(parseMoment(-1)).conflicts("follow"),
    )
    .option("--archive <archive>", `only calls for this archive: ${ARCHIVE_ARGUMENT}`)
    .option("--job <number>", "only calls of this job", wholeNumber(1))
    .option("--call <id>", "only this call")
    .runRemote(logs);
};
