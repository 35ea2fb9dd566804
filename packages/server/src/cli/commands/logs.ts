import { type Input, logLevels, type PluginLogLine, type PluginLogMessage } from "@hitagi/contract";
import { Option } from "commander";
import type { CliCommand } from "../command.ts";
import { followStream } from "../follow-stream.ts";
import { timeText } from "../format.ts";
import { hasColour, type Io } from "../io.ts";
import { chooseArchive } from "../lookup.ts";
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

/** A line of the log. Further lines of its text are indented below it. */
export const logLine = (io: Io, line: PluginLogLine): ColouredLine[] => {
  const paint = (text: string, colour: number): string =>
    hasColour(io, io.stdout) ? `\u001b[${colour}m${text}\u001b[0m` : text;
  const [first = "", ...more] = line.text.split("\n").map((text) => safeLine(text));
  const level = paint(line.level.padEnd(5), COLOURS[line.level]);
  return [
    { coloured: `${timeText(line.time)} ${level} ${first}  ${paint(`[${aboutText(line)}]`, 90)}` },
    ...more.map((text) => ({ coloured: `    ${text}` })),
  ];
};

type Query = Input<"streamPluginLog">["query"];

const follow = (session: Session, namespace: string, query: Query): Promise<void> => {
  const { io, json, client } = session;
  const show = (message: PluginLogMessage): void => {
    if (message.kind === "ready") return;
    const { kind: _, ...line } = message;
    const lines = json ? [safeJson(line, 0)] : logLine(io, line).map(({ coloured }) => coloured);
    io.stdout.write(`${lines.join("\n")}\n`);
  };
  return followStream<PluginLogMessage>(
    session,
    (after, signal) => client.streamPluginLog({ params: { namespace }, query: { ...query, after }, signal }),
    show,
  );
};

const logs = async (session: Session, namespace: string, options: LogsOptions): Promise<void> => {
  const { lines: size, level, since, until, job, call } = options;
  const archive = options.archive && (await chooseArchive(session.client, options.archive));
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

/** `hitagi logs`: what a plugin logged. */
export const logsCommand = (program: CliCommand): void => {
  program
    .remote("logs <namespace>", "Show what a plugin logged on all servers, and why calls of it failed.")
    .examples(
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
    .option("--archive <archive>", "only calls for this archive: id, start of id, or file name")
    .option("--job <number>", "only calls of this job", wholeNumber(1))
    .option("--call <id>", "only this call")
    .runRemote(logs);
};
