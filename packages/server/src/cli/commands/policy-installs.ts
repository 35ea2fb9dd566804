import { type Input, type Output, PluginType, quoteText, RuntimeName } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

type Policy = Omit<Output<"getInstallPolicy">, "operation" | "success" | "error">;
type Body = Input<"changeInstallPolicy">["body"];

const onOff = (value: boolean): string => (value ? "on" : "off");
const listText = (values: readonly string[] | null): string => {
  if (values === null) return "any";
  return values.length === 0 ? "none" : values.join(",");
};

/** The rules as `set` takes them. */
const ruleTexts = ({ age, registries, types, runtimes, unsigned, sideloaded }: Policy) => ({
  age: `${age.hours}h`,
  manual: onOff(age.manual),
  registries: listText(registries?.map(({ id }) => id) ?? null),
  types: listText(types),
  runtimes: listText(runtimes),
  unsigned: onOff(unsigned),
  sideloaded: onOff(sideloaded),
});
type RuleName = keyof ReturnType<typeof ruleTexts>;

const MEANINGS: Record<RuleName, string> = {
  age: "the age at which automatic updates take a version",
  manual: "whether your own upgrades wait for it too",
  registries: "registries that may be used",
  types: "types that may be installed",
  runtimes: "runtimes that may be used",
  unsigned: "whether unsigned registries may be used",
  sideloaded: "whether files may be installed",
};

export const RULES = Object.keys(MEANINGS) as readonly RuleName[];

/** The rules as they are shown: with the names of registries, quoted, as one may be `any` or have a comma. */
export const shownRules = (policy: Policy): Record<RuleName, string> => ({
  ...ruleTexts(policy),
  registries: listText(policy.registries?.map(({ name }) => quoteText(name)) ?? null),
});

const print = ({ io, print: printData }: Session, policy: Policy): void => {
  const { revision, age, registries, types, runtimes, unsigned, sideloaded } = policy;
  printData({ revision, age, registries, types, runtimes, unsigned, sideloaded }, () => {
    const shown = shownRules(policy);
    const own = age.exceptions.map(({ kind, name, hours }) => ({
      rule: "age",
      value: `${hours}h`,
      meaning: `the same for the ${kind} ${kind === "registry" ? quoteText(name) : name}`,
    }));
    const rows = RULES.map((rule) => ({
      rule,
      value: shown[rule],
      meaning: MEANINGS[rule],
    }));
    return table(io, { RULE: "rule", VALUE: "value", MEANING: "meaning" }, [
      ...rows.slice(0, 1),
      ...own,
      ...rows.slice(1),
    ]);
  });
};

const show = async (session: Session): Promise<void> =>
  print(session, await session.client.getInstallPolicy({}));

/** @throws UsageError */
const hoursIn = (text: string): number => {
  const [, count, unit] = /^(\d{1,4})(h|d)?$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`${text} is no time.`, "Give hours or days: 48h, 2d, or 0.");
  return Number(count) * (unit === "d" ? 24 : 1);
};

/** @throws UsageError */
const isOn = (text: string): boolean => {
  if (text !== "on" && text !== "off")
    throw new UsageError(`${text} is neither on nor off.`, "Use on or off.");
  return text === "on";
};

/** The texts of a list; null for any. */
const textsIn = (text: string): string[] | null => {
  if (text === "any") return null;
  return text === "none" ? [] : text.split(",");
};

/** The values of a list; null for any. @throws UsageError for one that is not known */
const listIn = <T extends string>(text: string, known: readonly T[]): T[] | null =>
  textsIn(text)?.map((one) => {
    const found = known.find((value) => value === one);
    if (!found)
      throw new UsageError(`${one} is not known.`, `Use any, none, or some of ${known.join(", ")}.`);
    return found;
  }) ?? null;

/** The body that sets one rule. @throws UsageError, CommandFailed */
const bodyOf = async ({ client }: Session, rule: string, text: string): Promise<Body> => {
  switch (rule) {
    case "age":
      return { age: { hours: hoursIn(text) } };
    case "manual":
      return { age: { manual: isOn(text) } };
    case "registries": {
      const names = textsIn(text);
      const chosen = names?.map(async (name) => (await chooseRegistry(client, name)).id);
      return { registries: chosen ? await Promise.all(chosen) : null };
    }
    case "types":
      return { types: listIn(text, PluginType.enum) };
    case "runtimes":
      return { runtimes: listIn(text, RuntimeName.enum) };
    case "unsigned":
      return { unsigned: isOn(text) };
    case "sideloaded":
      return { sideloaded: isOn(text) };
    default:
      throw new UsageError(`There is no rule ${rule}.`, `The rules are ${Object.keys(MEANINGS).join(", ")}.`);
  }
};

/** Prints the policy after a change, and says how it is undone. */
const change = async (session: Session, body: Body, undo: (before: Policy) => string): Promise<void> => {
  const before = await session.client.getInstallPolicy({});
  print(session, await session.client.changeInstallPolicy({ body: { ...body, revision: before.revision } }));
  session.say(`To undo: \`hitagi policy installs set ${undo(before)}\``);
};

interface SetOptions {
  plugin?: string;
  registry?: string;
}

/** Sets the age of one plugin or registry; `default` removes it. */
const setAge = async (session: Session, pairs: string[], { plugin, registry }: SetOptions): Promise<void> => {
  const [pair = "", another] = pairs;
  const [rule, text = ""] = pair.split("=");
  if (rule !== "age" || another !== undefined)
    throw new UsageError(
      "Only age can be set for one plugin or registry.",
      "Use `age=48h` or `age=default`.",
    );
  const hours = text === "default" ? null : hoursIn(text);
  const [kind, id] =
    plugin === undefined
      ? (["registries", (await chooseRegistry(session.client, registry ?? "")).id] as const)
      : (["plugins", plugin.toLowerCase()] as const);
  const option = kind === "plugins" ? `--plugin ${id}` : `--registry ${id}`;
  await change(session, { age: { [kind]: { [id]: hours } } }, ({ age }) => {
    const was = age.exceptions.find((one) => one.id === id)?.hours;
    return `age=${was === undefined ? "default" : `${was}h`} ${option}`;
  });
};

const set = async (session: Session, pairs: string[], options: SetOptions): Promise<void> => {
  if (options.plugin !== undefined || options.registry !== undefined) return setAge(session, pairs, options);
  const given = pairs.map((pair): [rule: string, text: string] => {
    const at = pair.indexOf("=");
    if (at < 0) throw new UsageError(`${pair} sets nothing.`, "Use the form rule=value, such as age=48h.");
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  const bodies = await Promise.all(given.map(([rule, text]) => bodyOf(session, rule, text)));
  const { age: _, ...rules } = Object.assign({}, ...bodies) as Body;
  const age = Object.assign({}, ...bodies.map((one) => one.age ?? {})) as NonNullable<Body["age"]>;
  await change(session, { ...rules, ...(Object.keys(age).length > 0 && { age }) }, (before) => {
    const texts: Record<string, string> = ruleTexts(before);
    return given.map(([rule]) => `${rule}=${texts[rule]}`).join(" ");
  });
};

/** `hitagi policy installs …`: what may be installed, and when updates take a version. */
export const installPolicyCommands = (policy: CliCommand): void => {
  const group = policy
    .local("installs", "What may be installed, and how old a version must be for automatic updates.")
    .examples("hitagi policy installs show", "hitagi policy installs set age=48h types=metadata,login");
  group.remote("show", "Show the rules.").examples("hitagi policy installs show").runRemote(show);
  group
    .remote("set <rules...>", `Set rules: ${Object.keys(MEANINGS).join(", ")}, each = its value.`)
    .examples(
      "hitagi policy installs set age=48h manual=on",
      "hitagi policy installs set types=metadata,download runtimes=deno",
      "hitagi policy installs set registries=Example,REG_0000000001",
      "hitagi policy installs set age=0 --plugin title-cleaner",
      "hitagi policy installs set age=default --registry Example",
    )
    .option("--plugin <namespace>", "only the age of this plugin")
    .option("--registry <registry>", "only the age of plugins from this registry, by id or name")
    .runRemote(set);
};
