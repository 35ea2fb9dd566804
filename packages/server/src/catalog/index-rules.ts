import { IndexPlugin, IndexVersion, RegistryIndex } from "@hitagi/contract";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { relativePathFault } from "../sources/relative-path.ts";
import { inside, pointerStep, type Report } from "./index-faults.ts";
import { isUtcTime } from "./utc-time.ts";
import type { parseVersion } from "./version-choice.ts";

const closed = { additionalProperties: false } as const;
const Unchecked = Type.Record(Type.String(), Type.Unknown());

/** The contract's schemas, level by level, so that each level names its own faults. */
const shapes = {
  index: Compile(Type.Object({ ...RegistryIndex.properties, plugins: Unchecked }, closed)),
  plugin: Compile(Type.Object({ ...IndexPlugin.properties, versions: Unchecked }, closed)),
  version: Compile(IndexVersion),
};
type Shape = (typeof shapes)[keyof typeof shapes];

/** How many keys a right entry has: of the plugin, and of each version with its own key. */
export const keysOfEntry = (versions: number): number =>
  Object.keys(IndexPlugin.properties).length + versions * (1 + Object.keys(IndexVersion.properties).length);

const NO_VERSION =
  "is not a version that SemVer 2.0.0 can order: three numbers of at most 9007199254740991, no `v`, 256 characters in all";
const UTC_TIME = "is not a UTC time YYYY-MM-DDTHH:MM:SSZ that exists";

const named = (params: object, list: string): string[] => {
  const names: unknown = Reflect.get(params, list);
  return Array.isArray(names) ? names.map(String) : [];
};

const NOWHERE: ReadonlySet<string> = new Set();

/** What a schema says of a value, in words. */
const reasonOf = (keyword: string, params: object, message: string): string => {
  if (keyword === "minLength") return "is empty";
  if (keyword === "enum") return `is not one of ${named(params, "allowedValues").join(", ")}`;
  return message;
};

/** Reports where a value has not its shape, one fault a place. Answers these places, as pointers from the value on. */
const shapeFaults = (shape: Shape, value: unknown, report: Report): ReadonlySet<string> => {
  if (shape.Check(value)) return NOWHERE;
  const seen = new Set<string>();
  const once: Report = (path, reason) => {
    if (!seen.has(path)) report(path, reason);
    seen.add(path);
  };
  for (const { keyword, params, instancePath, message } of shape.Errors(value)) {
    const missing = named(params, "requiredProperties");
    const unknown = named(params, "additionalProperties");
    for (const name of missing) once(instancePath + pointerStep(name), "is missing");
    for (const name of unknown) once(instancePath + pointerStep(name), "is not a field of version 1");
    // `boolean` is said of each unknown field once more.
    if (missing.length + unknown.length > 0 || keyword === "boolean") continue;
    once(instancePath, reasonOf(keyword, params, message));
  }
  return seen;
};

/** Checks the document around its plugins. Answers whether the plugins can be looked at. */
export const checkDocument = (
  value: unknown,
  report: Report,
): value is { generated_at: unknown; plugins: object } => {
  const faulty = shapeFaults(shapes.index, value, report);
  if (faulty.has("")) return false;
  const { generated_at } = value as RegistryIndex;
  if (!faulty.has("/generated_at") && !isUtcTime(generated_at)) report("/generated_at", UTC_TIME);
  return !faulty.has("/plugins");
};

const checkVersion = (key: string, value: unknown, read: typeof parseVersion, report: Report): void => {
  if (read(key) === undefined) report("", NO_VERSION);
  const faulty = shapeFaults(shapes.version, value, report);
  if (faulty.has("")) return;
  // The fields that are not among the faulty ones are of their types.
  const { version, artifact, published_at } = value as IndexVersion;
  if (!faulty.has("/version") && version !== key) report("/version", "is not the same as its key");
  const pathFault = faulty.has("/artifact") ? undefined : relativePathFault(artifact);
  if (pathFault !== undefined) report("/artifact", pathFault);
  if (!faulty.has("/published_at") && !isUtcTime(published_at)) report("/published_at", UTC_TIME);
};

/**
 * Checks one plugin's entry, as LANraragi states registry.json version 1.
 * @param key its key in `plugins`
 * @returns whether it is without a fault
 */
export const checkEntry = (
  key: string,
  value: unknown,
  read: typeof parseVersion,
  report: Report,
): value is IndexPlugin => {
  let faultless = true;
  const noted: Report = (path, reason) => {
    faultless = false;
    report(path, reason);
  };
  const faulty = shapeFaults(shapes.plugin, value, noted);
  if (faulty.has("")) return false;
  const plugin = value as IndexPlugin;
  if (!faulty.has("/namespace") && plugin.namespace !== key)
    noted("/namespace", "is not the same as its key");
  if (faulty.has("/versions")) return false;
  const versions = Object.entries(plugin.versions);
  if (versions.length === 0) noted("/versions", "is empty");
  const inVersions = inside("versions", noted);
  for (const [version, entry] of versions) checkVersion(version, entry, read, inside(version, inVersions));
  return faultless;
};
