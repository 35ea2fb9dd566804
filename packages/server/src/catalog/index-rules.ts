import { HitagiError, IndexPlugin, IndexVersion, MAX_VERSIONS, RegistryIndex } from "@hitagi/contract";
import { Type } from "typebox";
import { lazySchema } from "../lazy-schema.ts";
import { relativePathProblem } from "../sources/relative-path.ts";

/** One violation of the rules of registry.json. */
export interface IndexIssue {
  /** A JSON pointer (RFC 6901), or `/` for the document itself. */
  path: string;
  reason: string;
}

/** Receives an issue, with a JSON pointer that begins at the checked value. A report that throws ends the check. */
export type Report = (path: string, reason: string) => void;

/** Characters of a key in a pointer. No valid key is as long, and each of thousands of issues below a long one repeats it. */
const MAX_KEY = 300;

const clippedKey = (key: string): string => (key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key);

/** A step of a JSON pointer (RFC 6901 §3). The end of a long key is cut off. */
export const pointerStep = (key: string | number): string =>
  `/${clippedKey(String(key)).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** A report for the value of one key: it puts the key in front of each pointer. */
export const inside =
  (key: string, report: Report): Report =>
  (path, reason) =>
    report(pointerStep(key) + path, reason);

export const indexInvalid = (path: string, reason: string): HitagiError =>
  new HitagiError("INDEX_INVALID", { path: path || "/", reason });

const closed = { additionalProperties: false } as const;
const Unchecked = Type.Record(Type.String(), Type.Unknown());
const Versions = Type.Record(Type.String(), Type.Unknown(), { maxProperties: MAX_VERSIONS });

/** The contract's schemas, level by level, so that each level reports its own issues. */
const shapes = {
  index: lazySchema(Type.Object({ ...RegistryIndex.properties, plugins: Unchecked }, closed)),
  plugin: lazySchema(Type.Object({ ...IndexPlugin.properties, versions: Versions }, closed)),
  version: lazySchema(IndexVersion),
};
type ShapeName = keyof typeof shapes;
const fields = { index: RegistryIndex, plugin: IndexPlugin, version: IndexVersion };

/** The number of keys of a valid entry: of the plugin, and of each version with its own key. */
export const keysOfEntry = (versions: number): number =>
  Object.keys(IndexPlugin.properties).length + versions * (1 + Object.keys(IndexVersion.properties).length);

/** Whether a parsed JSON value is an object. */
export const isJsonObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const NO_VERSION = "is not a version of SemVer 2.0.0: three numbers, no `v`, 256 characters in all";
const NO_UTC_TIME = "is not a UTC time YYYY-MM-DDTHH:MM:SSZ that exists";

const UTC_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const isLeapYear = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** @param month from 1 */
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] ?? 0);

/**
 * Whether a text is an existing time of RFC 3339 in LANraragi's form, `YYYY-MM-DDTHH:MM:SSZ`. Leap seconds (`:60`) are
 * refused: the list of those that exist grows.
 */
export const isUtcTime = (text: string): boolean => {
  if (!UTC_TIME.test(text)) return false;
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
};

const namesIn = (params: object, list: string): string[] => {
  const names: unknown = Reflect.get(params, list);
  return Array.isArray(names) ? names.map(String) : [];
};

const NONE: ReadonlySet<string> = new Set();

const reasonOf = (keyword: string, params: object, message: string): string => {
  if (keyword === "minLength") return "is empty";
  if (keyword === "maxProperties") return `has more than ${MAX_VERSIONS} versions`;
  if (keyword === "enum") return `is not one of ${namesIn(params, "allowedValues").join(", ")}`;
  return message;
};

/** A value without its unknown fields, and their names. */
const splitFields = (name: ShapeName, value: unknown): { known: unknown; unknown: string[] } => {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { known: value, unknown: [] };
  const isKnown = (field: string): boolean => Object.hasOwn(fields[name].properties, field);
  return {
    known: Object.fromEntries(Object.entries(value).filter(([field]) => isKnown(field))),
    unknown: Object.keys(value).filter((field) => !isKnown(field)),
  };
};

/**
 * Checks a value against a schema and reports one issue a pointer. Unknown fields are looked for apart: TypeBox tells the first
 * eight errors only, which they would use up.
 * @returns the pointers of the issues
 */
const checkShape = (name: ShapeName, value: unknown, report: Report): ReadonlySet<string> => {
  const shape = shapes[name]();
  if (shape.Check(value)) return NONE;
  const reported = new Set<string>();
  const reportFirst: Report = (path, reason) => {
    if (!reported.has(path)) report(path, reason);
    reported.add(path);
  };
  const { known, unknown } = splitFields(name, value);
  for (const { keyword, params, instancePath, message } of shape.Errors(known)) {
    const missing = namesIn(params, "requiredProperties");
    for (const field of missing) reportFirst(instancePath + pointerStep(field), "is missing");
    if (missing.length === 0) reportFirst(instancePath, reasonOf(keyword, params, message));
  }
  for (const field of unknown) reportFirst(pointerStep(field), "is not a field of version 1");
  return reported;
};

/** Checks the document around its plugins. @returns whether the plugins can be checked */
export const checkDocument = (
  value: unknown,
  report: Report,
): value is { generated_at: unknown; plugins: object } => {
  const invalid = checkShape("index", value, report);
  if (invalid.has("")) return false;
  const { generated_at } = value as RegistryIndex;
  if (!invalid.has("/generated_at") && !isUtcTime(generated_at)) report("/generated_at", NO_UTC_TIME);
  return !invalid.has("/plugins");
};

/** Whether a text is a version that an index may have. */
export type IsVersion = (text: string) => boolean;

const checkVersion = (key: string, value: unknown, isVersion: IsVersion, report: Report): void => {
  if (!isVersion(key)) report("", NO_VERSION);
  const invalid = checkShape("version", value, report);
  if (invalid.has("")) return;
  // The schema holds for the fields that are not among the invalid ones.
  const { version, artifact, published_at } = value as IndexVersion;
  if (!invalid.has("/version") && version !== key) report("/version", "is not the same as its key");
  const problem = invalid.has("/artifact") ? undefined : relativePathProblem(artifact);
  if (problem !== undefined) report("/artifact", problem);
  if (!invalid.has("/published_at") && !isUtcTime(published_at)) report("/published_at", NO_UTC_TIME);
};

/**
 * Checks one plugin's entry by LANraragi's rules of registry.json version 1.
 * @param key its key in `plugins`
 * @returns whether it is valid
 */
export const checkPlugin = (
  key: string,
  value: unknown,
  isVersion: IsVersion,
  report: Report,
): value is IndexPlugin => {
  let valid = true;
  const reportInvalid: Report = (path, reason) => {
    valid = false;
    report(path, reason);
  };
  const invalid = checkShape("plugin", value, reportInvalid);
  if (invalid.has("")) return false;
  const plugin = value as IndexPlugin;
  if (!invalid.has("/namespace") && plugin.namespace !== key)
    reportInvalid("/namespace", "is not the same as its key");
  if (invalid.has("/versions")) return false;
  const versions = Object.entries(plugin.versions);
  if (versions.length === 0) reportInvalid("/versions", "is empty");
  const inVersions = inside("versions", reportInvalid);
  for (const [version, entry] of versions)
    checkVersion(version, entry, isVersion, inside(version, inVersions));
  return valid;
};
