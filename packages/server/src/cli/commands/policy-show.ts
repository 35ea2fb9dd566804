import type { Output } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";
import { RULES, shownRules } from "./policy-installs.ts";

/** All rules of the owner. */
type Rules = Pick<
  Output<"getPolicies">,
  "installs" | "signatures" | "blocks" | "updates" | "fields" | "tags"
>;

const count = (number: number, one: string, more = `${one}s`): string =>
  number === 0 ? `no ${more}` : `${number} ${number === 1 ? one : more}`;

/** What must be signed: `all but 2 registries`. */
const signedText = ({ requireAll, registries = [], exceptions = [] }: Rules["signatures"]): string => {
  if (!requireAll) return count(registries.length, "registry", "registries");
  return exceptions.length === 0 ? "all" : `all but ${count(exceptions.length, "registry", "registries")}`;
};

const updatesText = ({ plugins, window }: Rules["updates"]): string =>
  `of ${count(plugins.filter(({ automatic }) => automatic).length, "plugin")}${window ? `, ${window.from} to ${window.to}` : ""}`;

const rowsOf = ({ installs, signatures, blocks, updates, fields, tags }: Rules) => {
  const values = shownRules(installs);
  const own = installs.age.exceptions.length;
  const installed = RULES.map((rule) => ({
    rule,
    value: rule === "age" && own > 0 ? `${values.age}, ${count(own, "exception")}` : values[rule],
    command: `hitagi policy installs set ${rule}=`,
  }));
  return [
    ...installed,
    { rule: "must be signed", value: signedText(signatures), command: "hitagi policy signatures" },
    { rule: "block lists", value: count(blocks.lists.length, "list"), command: "hitagi policy blocks" },
    { rule: "automatic updates", value: updatesText(updates), command: "hitagi policy updates" },
    { rule: "fields", value: count(fields.rules.length, "rule"), command: "hitagi policy fields" },
    { rule: "tags", value: count(tags.rules.length, "rule"), command: "hitagi policy tags" },
  ];
};

const show = async ({ client, io, print }: Session): Promise<void> => {
  const { installs, signatures, blocks, updates, fields, tags } = await client.getPolicies({});
  print({ installs, signatures, blocks, updates, fields, tags }, (rules) =>
    table(io, { RULE: "rule", VALUE: "value", "CHANGED BY": "command" }, rowsOf(rules)),
  );
};

/** `hitagi policy show`: all rules of the owner in one table. */
export const policyShowCommand = (policy: CliCommand): void => {
  policy
    .remote("show", "Show all your rules in one table, with the command that changes each.")
    .examples("hitagi policy show")
    .runRemote(show);
};
