import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Input, type Output, quoteText, type TagStep } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type Io, readStdin } from "../io.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import type { Lines } from "../safe-text.ts";
import { serverPath } from "../server-path.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { applyTagRulesCommand } from "./policy-tags-apply.ts";

type Answer = Output<"getTagRules"> | Output<"updateTagRules">;
type TagRules = Omit<Output<"getTagRules">, "operation" | "success" | "error">;
type Change = Input<"updateTagRules">["body"];

/** Rules that are shown at once on a terminal; lists of aliases may have thousands. */
const MAX_SHOWN = 200;

const countText = (count: number): string => `${count} ${count === 1 ? "rule" : "rules"}`;

const tableText = (
  { file, namespaces }: NonNullable<TagRules["table"]>,
  tags: TagRules["tableTags"],
  problem: TagRules["tableProblem"],
): string =>
  `Translation table: ${file}, ${problem ?? `${tags} ${tags === 1 ? "tag" : "tags"}`}${namespaces ? ", namespaces too" : ""}`;

const stateText = ({
  enabled,
  rules,
  ignored,
  table: file,
  tableTags,
  tableProblem,
  text,
}: TagRules): Lines => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0 && file === null)
    return "There are no tag rules. Add one with `hitagi policy tags add '-already uploaded'`.";
  const use = enabled
    ? "used on the tags that metadata plugins find"
    : "off; `hitagi policy tags on` uses them";
  const more = lines.length - MAX_SHOWN;
  return [
    `${countText(rules.length)}, ${use}.`,
    ...(file ? [tableText(file, tableTags, tableProblem)] : []),
    ...(lines.length > 0 ? ["", ...lines.slice(0, MAX_SHOWN).map((line) => `  ${line.trim()}`)] : []),
    ...(more > 0 ? [`  … and ${more} more; --json shows all.`] : []),
    ...(ignored.length > 0 ? ["", `Not a rule, and ignored: ${ignored.map(quoteText).join(", ")}`] : []),
  ];
};

const print = (session: Session, { operation: _o, success: _s, error: _e, ...state }: Answer): void =>
  session.print(state, () => stateText(state));

const show = async (session: Session): Promise<void> => print(session, await session.client.getTagRules({}));

const change = async (session: Session, body: Change): Promise<void> => {
  print(session, await session.client.updateTagRules({ body }));
  if (!body.undo) session.say("To undo: `hitagi policy tags undo`");
};

/** The text of a file, or of standard input for `-`. */
const readText = async (io: Io, file: string): Promise<string> => {
  if (file === "-") return readStdin(io);
  try {
    return await readFile(path.resolve(io.cwd, file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailed(
      `${file} could not be read (${code}).`,
      "Name a text file with one rule on a line, or - for standard input.",
    );
  }
};

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Rules of arguments. A rule may begin with a dash, so that commander takes unknown options for rules. @throws UsageError */
const rulesIn = (args: string[]): string[] => {
  const option = args.find((one) => one.startsWith("--"));
  if (option === undefined) return linesOf(args.join("\n"));
  throw new UsageError(`unknown option '${option}'`, "See --help after the command.");
};

const add = async (session: Session, rules: string[]): Promise<void> => {
  const { text, revision } = await session.client.getTagRules({});
  const lines = linesOf(text);
  const fresh = rulesIn(rules).filter((rule) => !lines.includes(rule));
  await change(session, { text: [...lines, ...fresh].join("\n"), revision });
};

const remove = async (session: Session, rules: string[]): Promise<void> => {
  const { text, revision } = await session.client.getTagRules({});
  const lines = linesOf(text);
  const gone = rulesIn(rules);
  const unknown = gone.filter((rule) => !lines.includes(rule));
  if (unknown.length > 0) {
    throw new CommandFailed(
      `There is no rule ${unknown.map(quoteText).join(", ")}.`,
      "Write it as `hitagi policy tags show` does. Nothing was changed.",
    );
  }
  await change(session, { text: lines.filter((rule) => !gone.includes(rule)).join("\n"), revision });
};

interface TableOptions {
  namespaces?: boolean;
  none?: boolean;
}

const setTable = async (session: Session, file: string | undefined, options: TableOptions): Promise<void> => {
  if ((file === undefined) === !options.none)
    throw new UsageError("No table was given.", "Name its file, or use --none.");
  await change(session, {
    table:
      file === undefined
        ? null
        : { file: serverPath(session.io.cwd, file), namespaces: options.namespaces ?? false },
  });
};

const outcome = ({ becomes, tag }: TagStep): string => {
  if (becomes.length === 0) return "removed";
  return becomes.length === 1 && becomes[0] === tag ? "stays" : becomes.join(", ");
};

const columns: Columns<TagStep> = {
  TAG: "tag",
  BECOMES: outcome,
  BY: ({ rules, translated }) => [...rules, ...(translated ? ["translation table"] : [])].join("; "),
};

interface TryOptions {
  archive?: string;
  rules?: string;
}

const tryRules = async (session: Session, tags: string | undefined, options: TryOptions): Promise<void> => {
  const { io, client } = session;
  if ((tags === undefined) === (options.archive === undefined))
    throw new UsageError(
      "No tags were given.",
      "Give them as one text, separated by commas, or name an --archive.",
    );
  const archive = options.archive === undefined ? undefined : await chooseArchive(client, options.archive);
  const text = options.rules === undefined ? undefined : await readText(io, options.rules);
  const { tags: after, steps } = await client.tryTagRules({ body: { tags, archive, text } });
  session.print({ tags: after, steps }, () =>
    steps.length === 0 ? "There are no tags." : [table(io, columns, steps), "", `Tags: ${after || "none"}`],
  );
};

/** `hitagi policy tags …`: what becomes of the tags that metadata plugins find. */
export const tagRuleCommands = (policy: CliCommand): void => {
  const group = policy
    .local("tags", "Rules for the tags that metadata plugins find, in LANraragi's notation.")
    .examples("hitagi policy tags add 'parody:* -> series:*'");
  group.remote("show", "Show the rules.").examples("hitagi policy tags show").runRemote(show);
  group
    .remote("add <rules...>", "Add rules at the end.")
    .examples("hitagi policy tags add 'parody:* -> series:*' '-already uploaded'")
    .allowUnknownOption()
    .runRemote(add);
  group
    .remote("remove <rules...>", "Remove rules.")
    .examples("hitagi policy tags remove '-already uploaded'")
    .allowUnknownOption()
    .runRemote(remove);
  group
    .remote("set <file>", "Replace all rules by those of a file, or of standard input for -.")
    .examples("hitagi policy tags set rules.txt")
    .option(
      "--lenient",
      "take lines as LANraragi does, also those that are no rule or have an empty right side",
    )
    .runRemote(async (session: Session, file: string, { lenient }: { lenient?: boolean }) =>
      change(session, { text: await readText(session.io, file), lenient }),
    );
  group
    .remote("table [file]", "Translate tags by a JSON file of the server, after the rules.")
    .examples(
      "hitagi policy tags table /srv/tags/db.text.json --namespaces",
      "hitagi policy tags table --none",
    )
    .option("--namespaces", "translate the namespaces too")
    .option("--none", "translate no tags")
    .runRemote(setTable);
  group
    .remote("on", "Use the rules and the table.")
    .examples("hitagi policy tags on")
    .runRemote((session: Session) => change(session, { enabled: true }));
  group
    .remote("off", "Keep the rules and the table, and do not use them.")
    .examples("hitagi policy tags off")
    .runRemote((session: Session) => change(session, { enabled: false }));
  group
    .remote("undo", "Go back to the rules before the last change.")
    .examples("hitagi policy tags undo")
    .runRemote((session: Session) => change(session, { undo: true }));
  group
    .remote("try [tags]", "Show what the rules make of tags; changes nothing.")
    .examples(
      "hitagi policy tags try 'language:english, already uploaded'",
      "hitagi policy tags try --archive comic.cbz --rules rules.txt",
    )
    .option("--archive <archive>", `instead of tags: ${ARCHIVE_ARGUMENT}`)
    .option("--rules <file>", "try the rules of this file instead of the stored ones")
    .runRemote(tryRules);
  applyTagRulesCommand(group);
};
