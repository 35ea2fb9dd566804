import {
  cleanText,
  cleanTexts,
  type Hold,
  type Namespace,
  type ParameterValue,
  type Permissions,
  PluginType,
  type SkippedVersion,
  type UpdateChoices,
} from "@hitagi/contract";
import { type BadRecords, recordCheck } from "../bad-records.ts";
import { normalChoices, type UpdateChange } from "../contract/plugin-updates.ts";
import { isOwnPath, PluginRecord, StoredVersion } from "../contract/plugins.ts";
import { throughUtf8 } from "../through-utf8.ts";
import type { Provenance } from "../types.ts";
import { names } from "./names.ts";
import { atField, atKeys, withId } from "./records.ts";
import { fromJson, toMap, wholeNumber } from "./script.ts";

/** LANraragi's hash of a plugin, and ours. */
export type PluginReply = [hash: unknown, ours: unknown];

/** LANraragi's paths are relative to its lib folder, ours to the plugins folder, which is this in it. */
const LIB = "LANraragi/Plugin/";

/** LANraragi's own fields, which a parameter of the same name must not change. */
const RESERVED: ReadonlySet<string> = new Set([
  "installed_path",
  "installed_version",
  "installed_registry",
  "installed_sha256",
  "type",
  "enabled",
  "hidden",
  "priority",
  "customargs",
]);

export const toWirePath = (path: string): string => `${LIB}${path}`;
const fromWirePath = (path: string): string => (path.startsWith(LIB) ? path.slice(LIB.length) : path);

/** A setting as LANraragi writes it: 1 and 0, digits, text. */
export const wireText = (value: ParameterValue): string =>
  typeof value === "boolean" ? String(Number(value)) : String(value);

/** Whether a setting is also in LANraragi's hash. A secret is not, and neither is a name that LANraragi uses for something else. */
export const isShared = (name: string, secret: boolean): boolean => !secret && !RESERVED.has(name);

const isType = (text: string | undefined): text is PluginType => PluginType.enum.some((one) => one === text);

/** Whether the plugin is Hitagi's alone, so that our hash has its provenance and flags, and LANraragi's hash is only read. */
const isOwn = (ours: ReadonlyMap<string, string>): boolean => ours.has("installed_path");

/** LANraragi's type, or ours if that is missing; a start puts it back. */
const typeOf = (
  hash: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
): PluginType | undefined =>
  (isOwn(own) ? [own.get("type")] : [hash.get("type"), own.get("type")]).find(isType);

/** {@link RECORDED} says the same in Lua. */
const provenanceOf = (
  hash: ReadonlyMap<string, string>,
  type: PluginType | undefined,
): Provenance | undefined => {
  const [path, version, sha256] = ["installed_path", "installed_version", "installed_sha256"].map((f) =>
    hash.get(f),
  );
  if (!path || !version || !sha256 || !type) return undefined;
  return {
    path: fromWirePath(path),
    version,
    registry: hash.get("installed_registry") || null,
    sha256,
    type,
  };
};

/** Lua: `isOwn(ours)`, see {@link isOwn}. */
export const IS_OWN = `
  local function isOwn(ours) return redis.call('HEXISTS', ours, 'installed_path') == 1 end
`;

/** Lua: `recorded(theirs, ours)`, the sha256 of what two hashes say is installed; "" if they are incomplete. */
export const RECORDED = `${IS_OWN}
  local types = {${PluginType.enum.map((type) => `${type} = true`).join(", ")}}
  local function recorded(theirs, ours)
    local path, version, sha256, type =
      unpack(redis.call('HMGET', isOwn(ours) and ours or theirs, 'installed_path', 'installed_version', 'installed_sha256', 'type'))
    local isWhole = (path or '') ~= '' and (version or '') ~= '' and (types[type] or types[redis.call('HGET', ours, 'type')])
    return isWhole and sha256 or ''
  end
`;

/**
 * Lua: `pathOf(theirs, versions)`, or `pathFrom` of the fields of the hash, the path in LANraragi's hash of a plugin. At its start LANraragi replaces it by what the package of the file
 * implies, which for a sideloaded plugin is no file; then it is the path of the kept version.
 */
export const PATH_OF = `
  local function pathFrom(path, sha256, versions)
    if not path or not sha256 or string.find(path, '^${LIB}Managed/') or string.find(path, '^${LIB}Sideloaded/') then return path end
    local kept = redis.pcall('HGET', versions, sha256)
    local isKept, version = pcall(cjson.decode, type(kept) == 'string' and string.match(kept, '^%d+ (.+)$') or '')
    local isPath = isKept and type(version) == 'table' and type(version.path) == 'string'
    return isPath and '${LIB}' .. version.path or path
  end
  local function pathOf(theirs, versions)
    local found = redis.pcall('HMGET', theirs, 'installed_path', 'installed_sha256')
    return pathFrom(found[1], found[2], versions)
  end
`;

/** The settings of both hashes. Ours keeps the types of values; a value that differs was changed in LANraragi, and counts. */
const settingsOf = (
  hash: ReadonlyMap<string, string>,
  own: ReadonlyMap<string, string>,
  secrets: ReadonlyMap<string, string>,
): Record<string, ParameterValue> => {
  const ours = new Map<string, ParameterValue>();
  for (const [field, json] of own) {
    if (field.startsWith("set:")) ours.set(field.slice("set:".length), JSON.parse(json) as ParameterValue);
  }
  const values = new Map<string, ParameterValue>();
  for (const [name, value] of ours) {
    const there = hash.get(name);
    const isOurs = isOwn(own) || !isShared(name, secrets.has(name));
    if (isOurs || there === throughUtf8(wireText(value))) values.set(name, value);
  }
  for (const [name, text] of hash) {
    if (isShared(name, secrets.has(name)) && !values.has(name)) values.set(cleanText(name), cleanText(text));
  }
  return Object.fromEntries(values);
};

const secretsOf = (own: ReadonlyMap<string, string>): Map<string, string> =>
  new Map(
    [...own].flatMap(([field, source]) =>
      field.startsWith("secret:") ? [[field.slice("secret:".length), source] as const] : [],
    ),
  );

/** What both hashes of a namespace say, before it is checked. Texts that LANraragi wrote are cleaned. @throws SyntaxError, Undecodable */
const decode = (namespace: Namespace, [hash, ours]: PluginReply): unknown => {
  const [fields, own] = [toMap(hash), toMap(ours)];
  const type = typeOf(fields, own);
  const [reason, cause] = [own.get("quarantine_reason"), own.get("quarantine_cause")];
  const secrets = secretsOf(own);
  const recorded = isOwn(own) ? own : fields;
  return {
    namespace,
    type,
    provenance: cleanTexts(provenanceOf(recorded, type)),
    settings: settingsOf(fields, own, secrets),
    secrets: Object.fromEntries(secrets),
    enabled: recorded.get("enabled") === "1",
    hidden: recorded.get("hidden") === "1",
    priority: wholeNumber(recorded.get("priority"), 0),
    granted: fromJson<Permissions>(own.get("granted")) ?? {},
    quarantine:
      reason === undefined
        ? undefined
        : { reason, since: Number(own.get("quarantine_since") ?? 0), ...(cause && { cause }) },
    updates: choicesOf(own),
  };
};

/** A field of each skipped version begins so. */
const SKIP = "skip:";

/** What the owner decided about updates. @throws SyntaxError */
const choicesOf = (own: ReadonlyMap<string, string>): UpdateChoices | undefined => {
  const skipped = [...own].flatMap(([field, json]) =>
    field.startsWith(SKIP)
      ? [withId(field.slice(SKIP.length), JSON.parse(json), "version") as SkippedVersion]
      : [],
  );
  const automatic = own.get("automatic");
  return normalChoices({
    hold: fromJson<Hold>(own.get("hold")),
    skipped,
    ...(automatic !== undefined && { automatic: automatic === "1" }),
  });
};

/** The fields of our hash that a change of the owner's choices sets; null removes a field. */
export const updateFields = ({
  hold,
  skip = [],
  unskip = [],
  automatic,
}: UpdateChange): Record<string, string | null> =>
  Object.fromEntries([
    ...(hold === undefined ? [] : [["hold", hold && JSON.stringify(hold)]]),
    ...unskip.map((version) => [`${SKIP}${version}`, null]),
    ...skip.map((skipped) => [`${SKIP}${skipped.version}`, JSON.stringify(skipped)]),
    ...(automatic === undefined ? [] : [["automatic", automatic === null ? null : wireText(automatic)]]),
  ]);

const isEmpty = (reply: unknown): boolean => Array.isArray(reply) && reply.length === 0;

const records = recordCheck(PluginRecord);

/** The record of a namespace out of both hashes; undefined if there is neither, or if it cannot be used. */
export const toRecord = (
  bad: BadRecords,
  namespace: Namespace,
  reply: PluginReply,
): PluginRecord | undefined =>
  reply.every(isEmpty)
    ? undefined
    : bad.read(
        records,
        () => atKeys(names.plugin(namespace), names.ourPlugin(namespace)),
        () => decode(namespace, reply),
      );

const flagsOf = ({ enabled, hidden, priority }: PluginRecord): [string, string][] => [
  ...(enabled ? [["enabled", "1"] as [string, string]] : []),
  ...(hidden ? [["hidden", "1"] as [string, string]] : []),
  ...(priority === 0 ? [] : [["priority", String(priority)] as [string, string]]),
];

const provenanceFields = ({ path, version, registry, sha256, type }: Provenance): [string, string][] => [
  ["installed_path", toWirePath(path)],
  ["installed_version", version],
  ...(registry === null ? [] : [["installed_registry", registry] as [string, string]]),
  ["installed_sha256", sha256],
  ["type", type],
];

/** The fields of both hashes of a record; the inverse of {@link toRecord}. */
export const toHashes = (record: PluginRecord): { hash: Map<string, string>; ours: Map<string, string> } => {
  const { type, provenance, settings, secrets, granted, quarantine, updates } = record;
  const isSecret = new Set(Object.keys(secrets));
  const values = Object.entries(settings);
  const isOurs = provenance !== undefined && isOwnPath(provenance.path);
  const shared = isOurs ? [] : values.filter(([name]) => isShared(name, isSecret.has(name)));
  const recorded = [...(provenance ? provenanceFields(provenance) : []), ...flagsOf(record)];
  return {
    hash: new Map([
      ...shared.map(([name, value]) => [name, wireText(value)] as const),
      ...(isOurs ? [] : recorded),
    ]),
    ours: new Map([
      ...(isOurs ? recorded : []),
      ["granted", JSON.stringify(granted)],
      ...(type ? [["type", type] as const] : []),
      ...values.map(([name, value]) => [`set:${name}`, JSON.stringify(value)] as const),
      ...Object.entries(secrets).map(([name, source]) => [`secret:${name}`, source] as const),
      ...(quarantine
        ? ([
            ["quarantine_reason", quarantine.reason],
            ["quarantine_since", String(quarantine.since)],
          ] as const)
        : []),
      ...(quarantine?.cause ? [["quarantine_cause", quarantine.cause] as const] : []),
      ...Object.entries(updateFields({ ...updates, skip: updates?.skipped })).flatMap(([field, value]) =>
        value === null ? [] : [[field, value] as const],
      ),
    ]),
  };
};

const versions = recordCheck(StoredVersion);

/**
 * Kept versions, stored as a count for the order and JSON; the one installed last comes first.
 * @param stored by their sha256
 */
export const toVersions = (
  bad: BadRecords,
  namespace: Namespace,
  stored: ReadonlyMap<string, string>,
): StoredVersion[] =>
  [...stored]
    .flatMap(([sha256, value]) => {
      const at = value.indexOf(" ");
      const version = bad.read(
        versions,
        () => atField(names.versions(namespace), sha256),
        () => withId(sha256, JSON.parse(value.slice(at + 1)), "sha256"),
      );
      return version ? [{ order: Number(value.slice(0, at)), version }] : [];
    })
    .sort((a, b) => b.order - a.order)
    .map(({ version }) => version);
