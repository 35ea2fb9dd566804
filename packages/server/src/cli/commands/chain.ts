import {
  type ChainConditions,
  type ChainStep,
  quoteText,
  type ShownChainStep,
  type TriedStep,
} from "@hitagi/contract";
import { Option } from "commander";
import { fieldsText } from "../batch-text.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { sayUndo } from "../undo.ts";

interface Chain {
  revision: number;
  steps: ShownChainStep[];
}

const oneOf = (texts: readonly string[] = []): string => texts.map(quoteText).join(" or ");

/** The conditions in words, one line each. */
const whenTexts = ({ when }: ShownChainStep): string[] => {
  const texts = [
    when.nothing_found && "nothing was found before",
    when.tagged && `it is tagged ${oneOf(when.tagged)}`,
    when.untagged && `it is not tagged ${oneOf(when.untagged)}`,
    when.folders && `it is in the folder ${oneOf(when.folders)}`,
    when.extensions && `its file ends in ${oneOf(when.extensions)}`,
    when.without_source && `it has no source ${oneOf(when.without_source)}`,
  ].filter((text) => typeof text === "string");
  if (texts.length === 0) return ["always"];
  return texts.map((text, n) => `${n === 0 ? "if" : "and"} ${text}`);
};

/** A line of the table: the first condition of a step, or a further one. */
interface Row {
  position: number | string;
  plugin: string;
  onHit: string;
  runs: string;
}

const rowsOf = (step: ShownChainStep, n: number): Row[] =>
  whenTexts(step).map((runs, line) => {
    if (line > 0) return { position: " ", plugin: " ", onHit: " ", runs };
    const plugin = step.usable ? step.plugin : `${step.plugin} (cannot run)`;
    return { position: n + 1, plugin, onHit: step.ends_on_hit ? "ends" : "goes on", runs };
  });

const columns: Columns<Row> = { "#": "position", PLUGIN: "plugin", "ON A HIT": "onHit", RUNS: "runs" };

const EMPTY = "No metadata plugin is in the chain. Add one with `hitagi chain set <plugin>`.";

const print = (session: Session, { revision, steps }: Chain): void =>
  session.print({ revision, steps }, () =>
    steps.length > 0 ? table(session.io, columns, steps.flatMap(rowsOf)) : EMPTY,
  );

const show = async (session: Session): Promise<void> => print(session, await session.client.getChain({}));

/** The options that make the conditions of a step. */
const optionsOf = ({ when, ends_on_hit }: ShownChainStep): string[] => {
  const lists = {
    "--tagged": when.tagged,
    "--untagged": when.untagged,
    "--folder": when.folders,
    "--extension": when.extensions,
    "--without-source": when.without_source,
  };
  return [
    "--always",
    ends_on_hit ? "--end-on-hit" : "--go-on",
    ...(when.nothing_found ? ["--if-nothing-found"] : []),
    ...Object.entries(lists).flatMap(([option, texts]) => (texts ? [option, ...texts] : [])),
  ];
};

/** The commands that make a chain of before out of the one of now. */
const undoOf = (before: readonly ShownChainStep[], now: readonly ShownChainStep[]): string[][] => {
  const isIn = (steps: readonly ShownChainStep[], { plugin }: ShownChainStep) =>
    steps.some((step) => step.plugin === plugin);
  const added = now.filter((step) => !isIn(before, step)).map(({ plugin }) => plugin);
  const changed = before.filter((step) => {
    const after = now.find(({ plugin }) => plugin === step.plugin);
    return JSON.stringify(after && optionsOf(after)) !== JSON.stringify(optionsOf(step));
  });
  // Each goes behind the step that it stood behind, the first one first.
  const kept = now.filter((step) => isIn(before, step)).map(({ plugin }) => plugin);
  const moves = before.flatMap(({ plugin }, at) => {
    if (kept[at] === plugin) return [];
    if (kept.includes(plugin)) kept.splice(kept.indexOf(plugin), 1);
    kept.splice(at, 0, plugin);
    return [["chain", "move", plugin, "--to", String(at + 1)]];
  });
  return [
    ...(added.length > 0 ? [["chain", "remove", ...added]] : []),
    ...changed.map((step) => ["chain", "set", step.plugin, ...optionsOf(step)]),
    ...moves,
  ];
};

/** Changes the chain as it is now, prints the new one, and names what takes the change back. */
const change = async (session: Session, next: (steps: ChainStep[]) => ChainStep[]): Promise<void> => {
  const { revision, steps } = await session.client.getChain({});
  const body = {
    revision,
    steps: next(steps.map(({ plugin, when, ends_on_hit }) => ({ plugin, when, ends_on_hit }))),
  };
  const changed = await session.client.putChain({ body });
  print(session, changed);
  sayUndo(session.say, ...undoOf(steps, changed.steps));
};

const isStep = (plugin: string) => (step: ChainStep) => step.plugin === plugin.toLowerCase();

/** @throws CommandFailed if the plugin is not in the chain */
const positionOf = (steps: readonly ChainStep[], plugin: string): number => {
  const at = steps.findIndex(isStep(plugin));
  if (at >= 0) return at;
  throw new CommandFailed(
    `${plugin} is not in the chain.`,
    `Add it with \`hitagi chain set ${plugin}\`; \`hitagi chain show\` shows the chain.`,
  );
};

interface SetOptions {
  always?: boolean;
  ifNothingFound?: boolean;
  tagged?: string[];
  untagged?: string[];
  folder?: string[];
  extension?: string[];
  withoutSource?: string[];
  endOnHit?: boolean;
  goOn?: boolean;
}

const changedConditions = (now: ChainConditions = {}, options: SetOptions): ChainConditions => ({
  ...(!options.always && now),
  ...(options.ifNothingFound && { nothing_found: true }),
  ...(options.tagged && { tagged: options.tagged }),
  ...(options.untagged && { untagged: options.untagged }),
  ...(options.folder && { folders: options.folder }),
  ...(options.extension && { extensions: options.extension }),
  ...(options.withoutSource && { without_source: options.withoutSource }),
});

const set = (session: Session, plugin: string, options: SetOptions): Promise<void> =>
  change(session, (steps) => {
    const now = steps.find(isStep(plugin)) ?? { plugin };
    const step = {
      ...now,
      when: changedConditions(now.when, options),
      ends_on_hit: options.endOnHit ?? (options.goOn ? false : (now.ends_on_hit ?? false)),
    };
    return steps.some(isStep(plugin))
      ? steps.map((one) => (isStep(plugin)(one) ? step : one))
      : [...steps, step];
  });

interface MoveOptions {
  to?: number;
  before?: string;
  after?: string;
}

const move = async (session: Session, plugin: string, { to, before, after }: MoveOptions): Promise<void> => {
  if ([to, before, after].filter((one) => one !== undefined).length !== 1) {
    throw new UsageError(
      "No place was given.",
      "Use one of --to <position>, --before <plugin>, --after <plugin>.",
    );
  }
  if (isStep(before ?? after ?? "")({ plugin })) {
    throw new UsageError(
      "A plugin cannot be moved before or after itself.",
      "Name another plugin of the chain.",
    );
  }
  await change(session, (steps) => {
    const [step] = steps.splice(positionOf(steps, plugin), 1);
    if (!step) return steps;
    const at =
      to !== undefined ? to - 1 : positionOf(steps, before ?? after ?? "") + (after === undefined ? 0 : 1);
    return steps.toSpliced(at, 0, step);
  });
};

const remove = (session: Session, plugins: string[]): Promise<void> =>
  change(session, (steps) => {
    for (const plugin of plugins) steps.splice(positionOf(steps, plugin), 1);
    return steps;
  });

const reset = (session: Session): Promise<void> =>
  change(session, (steps) => steps.map(({ plugin }) => ({ plugin })));

/** What a step would do, one line for each field. */
const detailsOf = ({ changes: { tags, title, summary }, heldBack, ends_chain }: TriedStep): string[] =>
  [
    title === null ? "" : `title: ${quoteText(title)}`,
    tags.length > 0 ? `tags: ${quoteText(tags.join(", "))}` : "",
    summary === null ? "" : `summary: ${quoteText(summary)}`,
    fieldsText(heldBack),
    ends_chain ? "the chain ends" : "",
  ].filter(Boolean);

/** A step in words: what it would do, or why it would not. */
const triedLines = (step: TriedStep, n: number): string[] => {
  const head = `${n + 1}  ${step.plugin}`;
  if (step.skipped) return [`${head} is skipped: ${step.skipped.text}`];
  if (step.error) return [`${head} fails: ${quoteText(step.error.message)}`];
  if (step.outcome === "nothing") return [`${head} finds nothing`];
  const details = detailsOf(step);
  return [
    `${head} finds${details.length > 0 ? "" : " nothing new"}`,
    ...details.map((line) => `     ${line}`),
  ];
};

const tryOn = async (session: Session, archive: string): Promise<void> => {
  const id = await chooseArchive(session.client, archive);
  const { trial } = await session.client.tryChain({ query: { id } });
  session.print(trial, ({ steps, before, after }) => {
    if (steps.length === 0) return EMPTY;
    const isSame =
      after.title === before.title && after.tags === before.tags && after.summary === before.summary;
    const end = isSame
      ? ["", "The archive would stay as it is."]
      : ["", `Title: ${quoteText(after.title)}`, `Tags: ${quoteText(after.tags)}`];
    return [...steps.flatMap(triedLines), ...end];
  });
  session.say("This was a trial: nothing was stored.");
};

const conditionOptions = (command: CliCommand): unknown =>
  command
    .option("--always", "remove the conditions that it has")
    .option("--if-nothing-found", "only if no plugin before it found something")
    .option("--tagged <tags...>", "only for archives with one of these tags, such as artist:*")
    .option("--untagged <tags...>", "only for archives with none of these tags")
    .option("--folder <folders...>", "only for archives in one of these folders of the library")
    .option("--extension <extensions...>", "only for files with one of these extensions")
    .option(
      "--without-source <sites...>",
      "not for archives with a source: tag of one of these sites; * is any",
    )
    .option("--end-on-hit", "end the chain for an archive if the plugin finds something")
    .addOption(new Option("--go-on", "go on with the next plugin in any case").conflicts("endOnHit"));

/** `hitagi chain …`: which metadata plugins run on archives, in which order, and when. */
export const chainCommands = (program: CliCommand): void => {
  const group = program
    .local("chain", "The metadata plugins that run on new archives and in batches, in their order.")
    .examples("hitagi chain show", "hitagi chain try comic.cbz");
  group.remote("show", "Show the chain.").examples("hitagi chain show").runRemote(show);
  group
    .remote(
      "set <plugin>",
      "Put a plugin at the end of the chain, or change when it runs. Other conditions stay.",
    )
    .examples(
      "hitagi chain set comic-info --end-on-hit",
      "hitagi chain set filename-parse --if-nothing-found",
    )
    .use(conditionOptions)
    .runRemote(set);
  group
    .remote("move <plugin>", "Move a plugin in the chain.")
    .examples("hitagi chain move filename-parse --after comic-info", "hitagi chain move comic-info --to 1")
    .option("--to <position>", "to this position", wholeNumber(1))
    .option("--before <plugin>", "before this plugin")
    .option("--after <plugin>", "after this plugin")
    .runRemote(move);
  group
    .remote(
      "remove <plugins...>",
      "Take plugins out of the chain, with their conditions. They stay installed.",
    )
    .examples("hitagi chain remove filename-parse")
    .runRemote(remove);
  group
    .remote("reset", "Remove all conditions; the plugins and their order stay.")
    .examples("hitagi chain reset")
    // It asked in earlier versions, and scripts give the option.
    .addOption(new Option("-y, --yes", "of no effect: the command does not ask").hideHelp())
    .runRemote(reset);
  group
    .remote("try", "Show step by step what the chain would do for an archive, and store nothing.")
    .examples("hitagi chain try comic.cbz")
    .argument("<archive>", ARCHIVE_ARGUMENT)
    .runRemote(tryOn);
};
