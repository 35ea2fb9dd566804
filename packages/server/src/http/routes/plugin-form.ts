import { api, type ListedPlugin, type Namespace, type ParameterValue } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Plugins } from "../../plugins/types.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";
import type { ReadFields } from "../uploads.ts";
import { type Fault, RequestInvalid } from "../validation.ts";

type Parameter = ListedPlugin["parameters"][number];

/** What a field of the form changes. */
type Target = { namespace: Namespace; parameter?: Parameter };

/** What the form changes of one plugin. */
interface Change {
  enabled?: boolean;
  settings: Record<string, ParameterValue>;
}

/** Every field that the form may have. A plugin's own name wins over another one's setting. */
const targetsOf = (listed: ListedPlugin[]): Map<string, Target> => {
  const settings = listed.flatMap(({ namespace, parameters }) =>
    parameters.flatMap((parameter, n): [string, Target][] => [
      [`${namespace}_CFG_${n}`, { namespace, parameter }],
      [`${namespace}.${parameter.name}`, { namespace, parameter }],
    ]),
  );
  const enabling = listed
    .filter(({ type }) => type === "metadata")
    .map(({ namespace }): [string, Target] => [namespace, { namespace }]);
  return new Map([...settings, ...enabling]);
};

const switches = new Map(
  Object.entries({ on: true, "1": true, true: true, off: false, "0": false, false: false, "": false }),
);

/** A field's text as the value of its type, or undefined where it is none. */
const parsed = (type: Parameter["type"] | undefined, text: string): ParameterValue | undefined => {
  if (type === "string" || type === "secret") return text;
  if (type !== "int") return switches.get(text.toLowerCase());
  return /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
};

/** Notes what a field changes. Answers what is wrong with it, if anything is. */
const take = (
  changes: Map<Namespace, Change>,
  target: Target | undefined,
  text: string,
): string | undefined => {
  if (target === undefined) return "Property not allowed.";
  const { namespace, parameter } = target;
  const value = parsed(parameter?.type, text);
  if (value === undefined) return `Expected ${parameter?.type ?? "bool"} - got another text.`;
  const change = changes.get(namespace) ?? { settings: {} };
  changes.set(namespace, change);
  // The page cannot show a secret, so an empty one is one that nobody changed.
  if (parameter?.type === "secret" && text === "") return undefined;
  if (parameter === undefined) change.enabled = value === true;
  else change.settings[parameter.name] = value;
  return undefined;
};

/**
 * A box that is not ticked is left out of a browser's form, so where LANraragi's page has sent a plugin's fields, those of
 * its boxes that are absent are off. A form of our own names is a script's, which changes only what it names.
 */
const untick = (listed: ListedPlugin[], changes: Map<Namespace, Change>, fields: object): void => {
  const has = (field: string) => Object.hasOwn(fields, field);
  for (const { namespace, type, parameters } of listed) {
    const change = changes.get(namespace);
    if (!change || !parameters.some((_, n) => has(`${namespace}_CFG_${n}`))) continue;
    if (type === "metadata" && !has(namespace)) change.enabled = false;
    for (const [n, parameter] of parameters.entries()) {
      const absent = !has(`${namespace}_CFG_${n}`) && !has(`${namespace}.${parameter.name}`);
      if (parameter.type === "bool" && absent) change.settings[parameter.name] = false;
    }
  }
};

/** The plugins with their parameters' own types: the list that LANraragi's clients read calls a secret a string. */
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

/** @throws RequestInvalid naming each field that no plugin here has, or whose text is not of its type */
const changesOf = (
  listed: ListedPlugin[],
  fields: Record<string, string | string[]>,
): Map<Namespace, Change> => {
  const targets = targetsOf(listed);
  const changes = new Map<Namespace, Change>();
  const faults: Fault[] = [];
  for (const [field, given] of Object.entries(fields)) {
    const message = take(changes, targets.get(field), [given].flat().at(-1) ?? "");
    if (message !== undefined) faults.push({ path: `/body/${field}`, message });
  }
  if (faults.length > 0) throw new RequestInvalid(faults);
  untick(listed, changes, fields);
  return changes;
};

/**
 * The settings page's save. It goes through the same two calls as everything else that changes settings and flags,
 * which touch nothing of what is recorded of a plugin's file.
 */
export const pluginFormRoute = (app: FastifyInstance, { plugins }: Services, readFields: ReadFields): void =>
  handle(app, "savePluginForm", async (_given, { request }) => {
    const fields = await readFields(request, api.savePluginForm.body);
    const changes = changesOf(await typedList(plugins), fields);
    for (const [namespace, { enabled, settings }] of changes) {
      if (Object.keys(settings).length > 0) await plugins.putSettings(namespace, settings);
      if (enabled !== undefined) await plugins.configure(namespace, { enabled });
    }
    return { plugins: [...changes.keys()] };
  });
