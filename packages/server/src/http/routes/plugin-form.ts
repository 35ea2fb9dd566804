import { api, type ListedPlugin, type Namespace, type ParameterValue } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Plugins } from "../../plugins/types.ts";
import type { TagRulesChange } from "../../policy/types.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";
import type { ReadFields } from "../uploads.ts";
import { ValidationError, type ValidationIssue } from "../validation.ts";

type Parameter = ListedPlugin["parameters"][number];

/** The plugin, or its parameter, that a field of the form sets. */
type Target = { namespace: Namespace; parameter?: Parameter };

interface Change {
  enabled?: boolean;
  settings: Record<string, ParameterValue>;
}

/** LANraragi's names of a setting's field: by position from 1 for parameters in a list, else by name. */
const lanraragiFields = (namespace: Namespace, { name }: Parameter, n: number): string[] => [
  `${namespace}_CFG_${n + 1}`,
  `${namespace}_CFG_${name}`,
];

/** A field with its namespace in lower case. */
const canonical = (field: string): string =>
  field.replace(/^.*?(?=_CFG_|\.|$)/s, (namespace) => namespace.toLowerCase());

/** Every possible field of the form. A plugin's own name wins over another plugin's setting. */
const targetsOf = (listed: ListedPlugin[]): Map<string, Target> => {
  const settings = listed.flatMap(({ namespace, parameters }) =>
    parameters.flatMap((parameter, n) =>
      [...lanraragiFields(namespace, parameter, n), `${namespace}.${parameter.name}`].map(
        (field): [string, Target] => [field, { namespace, parameter }],
      ),
    ),
  );
  const enabling = listed
    .filter(({ type }) => type === "metadata")
    .map(({ namespace }): [string, Target] => [namespace, { namespace }]);
  return new Map([...settings, ...enabling]);
};

const switches = new Map(
  Object.entries({ on: true, "1": true, true: true, off: false, "0": false, false: false, "": false }),
);

/** Parses a field by its type; undefined for an invalid text. */
const parseValue = (type: Parameter["type"] | undefined, text: string): ParameterValue | undefined => {
  if (type === "string" || type === "secret") return text;
  if (type !== "int") return switches.get(text.toLowerCase());
  return /^\s*[+-]?\d{1,15}(?:\.\d{1,15})?\s*$/.test(text) ? Number(text) : undefined;
};

/** Adds the change of one field. @returns the message of an invalid field */
const addChange = (
  changes: Map<Namespace, Change>,
  target: Target | undefined,
  text: string,
): string | undefined => {
  if (target === undefined) return "Property not allowed.";
  const { namespace, parameter } = target;
  const value = parseValue(parameter?.type, text);
  if (value === undefined) return `Expected ${parameter?.type ?? "bool"} - got another text.`;
  // Without a prototype, no name of a parameter has a meaning of its own.
  const change = changes.get(namespace) ?? { settings: Object.create(null) as Change["settings"] };
  changes.set(namespace, change);
  // The page does not show secrets, so an empty one is unchanged.
  if (parameter?.type === "secret" && text === "") return undefined;
  if (parameter === undefined) change.enabled = value === true;
  else change.settings[parameter.name] = value;
  return undefined;
};

/**
 * Browsers omit unchecked boxes. So where LANraragi's page sent a plugin's fields, its absent boxes are off. A form with
 * Hitagi's own field names comes from a script and changes only the named fields.
 */
const uncheckAbsent = (
  listed: ListedPlugin[],
  changes: Map<Namespace, Change>,
  fields: ReadonlySet<string>,
): void => {
  const has = (field: string) => fields.has(field);
  const hasTheirs = (namespace: Namespace, parameter: Parameter, n: number) =>
    lanraragiFields(namespace, parameter, n).some(has);
  for (const { namespace, type, parameters } of listed) {
    const change = changes.get(namespace);
    if (!change || !parameters.some((parameter, n) => hasTheirs(namespace, parameter, n))) continue;
    if (type === "metadata" && !has(namespace)) change.enabled = false;
    for (const [n, parameter] of parameters.entries()) {
      const absent = !hasTheirs(namespace, parameter, n) && !has(`${namespace}.${parameter.name}`);
      if (parameter.type === "bool" && absent) change.settings[parameter.name] = false;
    }
  }
};

/** The plugins with the types of their manifests: the list for LANraragi's clients calls a secret a string. */
const typedList = async (plugins: Pick<Plugins, "list" | "records">): Promise<ListedPlugin[]> => {
  const manifests = new Map(
    (await plugins.records()).map(({ namespace, manifest }) => [namespace, manifest]),
  );
  return plugins.list("all").map((plugin) => {
    const own = manifests.get(plugin.namespace)?.parameters ?? {};
    const parameters = plugin.parameters.map((one) => ({ ...one, type: own[one.name]?.type ?? one.type }));
    return { ...plugin, parameters };
  });
};

/** @throws ValidationError for fields of no plugin, and for texts that do not fit the type */
const changesOf = (
  listed: ListedPlugin[],
  fields: Record<string, string | string[]>,
  isLanraragiSetting: (name: string) => boolean,
): { changes: Map<Namespace, Change>; settings: Map<string, string> } => {
  const targets = targetsOf(listed);
  const settings = new Map<string, string>();
  const changes = new Map<Namespace, Change>();
  const issues: ValidationIssue[] = [];
  for (const [field, given] of Object.entries(fields)) {
    const text = [given].flat().at(-1) ?? "";
    const target = targets.get(canonical(field));
    if (target === undefined && isLanraragiSetting(field)) {
      settings.set(field, text);
      continue;
    }
    const message = addChange(changes, target, text);
    if (message !== undefined) issues.push({ path: `/body/${field}`, message });
  }
  if (issues.length > 0) throw new ValidationError(issues);
  uncheckAbsent(listed, changes, new Set(Object.keys(fields).map(canonical)));
  return { changes, settings };
};

/** What the form says about the tag rules; undefined if nothing. */
const tagRulesIn = (settings: ReadonlyMap<string, string>): TagRulesChange | undefined => {
  const [text, enabled] = [settings.get("tagrules"), settings.get("tagruleson")];
  if (text === undefined && enabled === undefined) return undefined;
  return { text, enabled: enabled === undefined ? undefined : switches.get(enabled.toLowerCase()) !== false };
};

/** Saves the settings page by the methods of every other change; the record of a plugin's file stays. */
export const pluginFormRoute = (
  app: FastifyInstance,
  { plugins, lanraragiSettings, policy }: Services,
  readFields: ReadFields,
): void =>
  handle(app, "savePluginForm", async (_input, { request }) => {
    const fields = await readFields(request, api.savePluginForm.body);
    const listed = await typedList(plugins);
    const { changes, settings } = changesOf(listed, fields, lanraragiSettings.has);
    await lanraragiSettings.keep(settings);
    const tagRules = tagRulesIn(settings);
    if (tagRules) await policy.changeTags({ ...tagRules, lenient: true });
    for (const [namespace, { enabled, settings: values }] of changes) {
      if (Object.keys(values).length > 0) await plugins.putSettings(namespace, values);
      if (enabled !== undefined) await plugins.configure(namespace, { enabled });
    }
    return { message: "", plugins: [...changes.keys()] };
  });
