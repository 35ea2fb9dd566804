import { comparableText, type FieldRule, fieldRules, isPolicyField, type Output } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { fieldName } from "../format.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";

type FieldPolicy = Pick<Output<"getFieldPolicy">, "rules" | "revision">;
type Row = FieldPolicy["rules"][number];

interface PluginOption {
  plugin?: string;
}

const ruleNames: Record<FieldRule, string> = {
  always: "always",
  "if-empty": "only if empty",
  never: "never",
};

const NAMES = ["title", "summary", "tags"];
/** Fields with more edits than this are no slip of a name. */
const MAX_EDITS = 2;

const columns: Columns<Row> = {
  PLUGIN: ({ plugin }) => plugin ?? "all plugins",
  FIELD: ({ field }) => fieldName(field),
  "MAY SET": ({ rule }) => ruleNames[rule],
  NAME: "name",
};

const EMPTY =
  "There are no rules: a metadata plugin may set the title, the summary and tags. Make one with `hitagi policy fields set title=if-empty`.";

const isOf = (plugin: string | undefined) => (row: Row) =>
  plugin === undefined || row.plugin === null || row.plugin === plugin.toLowerCase();

const print = (
  { io, print: printData }: Session,
  { rules, revision }: FieldPolicy,
  plugin?: string,
): void => {
  const shown = rules.filter(isOf(plugin));
  printData({ revision, rules: shown }, () => (shown.length === 0 ? EMPTY : table(io, columns, shown)));
};

const show = async (session: Session, { plugin }: PluginOption): Promise<void> =>
  print(session, await session.client.getFieldPolicy({}), plugin);

const FIELDS =
  "The fields are title, summary, tags, tags:<namespace>, and tags: for tags without a namespace.";

/** @throws UsageError */
const checkField = async (field: string): Promise<void> => {
  if (isPolicyField(field)) return;
  const { closest, distance } = await import("fastest-levenshtein");
  const near = closest(field.toLowerCase(), NAMES);
  const guess = distance(field.toLowerCase(), near) <= MAX_EDITS ? `Did you mean ${near}? ` : "";
  throw new UsageError(`There is no field ${field}.`, `${guess}${FIELDS}`);
};

/** @throws UsageError */
const assignment = (text: string): { field: string; rule: FieldRule } => {
  const [field = "", rule = ""] = text.split("=");
  const found = fieldRules.find((one) => one === rule);
  if (field !== "" && found !== undefined) return { field, rule: found };
  throw new UsageError(
    `${text} is not a field with a rule.`,
    `Use the form field=rule, such as title=if-empty. The rules are ${fieldRules.join(", ")}.`,
  );
};

/** The command that sets a rule as it was; for the message after a change. */
const commandFor = (
  { plugin, field }: Pick<Row, "plugin" | "field">,
  before: FieldRule | undefined,
): string =>
  `hitagi policy fields ${before ? `set ${field}=${before}` : `unset ${field}`}${plugin ? ` --plugin ${plugin}` : ""}`;

type Change = Pick<Row, "plugin" | "field"> & { rule: FieldRule | null };

/** Changes rules, prints the policy, and says how each change is undone. */
const change = async (session: Session, changes: Change[]): Promise<void> => {
  const before = await session.client.getFieldPolicy({});
  const after = await session.client.updateFieldPolicy({
    body: { rules: changes, revision: before.revision },
  });
  print(session, after);
  const ruleIn = ({ rules }: FieldPolicy, { plugin, field }: Change) =>
    rules.find((one) => one.plugin === plugin && one.field === comparableText(field))?.rule;
  for (const one of changes) {
    const was = ruleIn(before, one);
    if (was !== ruleIn(after, one)) session.say(`To undo: \`${commandFor(one, was)}\``);
  }
};

const set = async (session: Session, pairs: string[], { plugin }: PluginOption): Promise<void> => {
  const of = (plugin?.toLowerCase() as Row["plugin"]) ?? null;
  const changes = pairs.map(assignment).map((one) => ({ plugin: of, ...one }));
  for (const { field } of changes) await checkField(field);
  return change(session, changes);
};

const unset = async (session: Session, fields: string[], { plugin }: PluginOption): Promise<void> => {
  const of = (plugin?.toLowerCase() as Row["plugin"]) ?? null;
  for (const field of fields) await checkField(field);
  if (fields.length > 0)
    return change(
      session,
      fields.map((field) => ({ plugin: of, field, rule: null })),
    );
  if (of === null) {
    throw new UsageError("No fields were given.", "Name them, or name a plugin to remove all of its rules.");
  }
  const { rules } = await session.client.getFieldPolicy({});
  const own = rules.filter((one) => one.plugin === of);
  if (own.length === 0) return show(session, {});
  return change(
    session,
    own.map(({ field }) => ({ plugin: of, field, rule: null })),
  );
};

const pluginOption = (command: CliCommand): unknown =>
  command.option("--plugin <namespace>", "a metadata plugin; all plugins by default");

/** `hitagi policy fields …`: which fields of archives metadata plugins may set. */
export const fieldPolicyCommands = (policy: CliCommand): void => {
  const group = policy
    .local("fields", "Which fields of archives metadata plugins may set.")
    .examples(
      "hitagi policy fields set title=if-empty tags:date_added=never",
      "hitagi policy fields set title=always --plugin comic-info",
    );
  group
    .remote("show", "Show the rules.")
    .examples("hitagi policy fields show", "hitagi policy fields show --plugin comic-info")
    .option("--plugin <namespace>", "only the rules that concern this plugin")
    .runRemote(show);
  group
    .remote(
      "set <rules...>",
      "Set rules: title, summary, tags, tags:<namespace> or tags: (without one), each = always, if-empty or never.",
    )
    .examples(
      "hitagi policy fields set title=if-empty summary=if-empty",
      "hitagi policy fields set tags=never tags:artist=always --plugin comic-info",
    )
    .use(pluginOption)
    .runRemote(set);
  group
    .remote("unset [fields...]", "Remove rules; with --plugin alone, all rules of that plugin.")
    .examples("hitagi policy fields unset title", "hitagi policy fields unset --plugin comic-info")
    .use(pluginOption)
    .runRemote(unset);
};
