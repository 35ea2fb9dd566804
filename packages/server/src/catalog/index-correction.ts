import { toNamespace } from "@hitagi/contract";
import { type IndexIssue, type IsVersion, isJsonObject, pointerStep } from "./index-rules.ts";

/** A version that is not SemVer and can be ordered by its numbers: `0.001`, `2.5`, `2.5.2_1`. */
const NUMBERED = /^\d[0-9A-Za-z._+~-]{0,255}$/;

export const isNumbered = (text: string): boolean => NUMBERED.test(text);

/** A plugin's key and its parsed entry. */
interface KeyedEntry {
  key: string;
  value: unknown;
}

type Fields = Record<string, unknown>;

/** The entry with its namespace as it is taken: in lower case, and as its key. */
const correctNamespace = (key: string, value: Fields, faults: IndexIssue[]): KeyedEntry => {
  const { namespace } = value;
  if (typeof namespace !== "string" || namespace === "") return { key, value };
  const taken = toNamespace(namespace);
  const fault = (reason: string) =>
    faults.push({ path: "/namespace", reason: `${reason}; taken as ${taken}` });
  if (toNamespace(key) !== taken) fault("is not the same as its key");
  else if (taken !== namespace || taken !== key) fault("has capitals");
  return { key: taken, value: { ...value, namespace: taken } };
};

/** The versions under the names that they say themselves. */
const correctVersions = (versions: Fields, isVersion: IsVersion, faults: IndexIssue[]): Fields => {
  const entries = Object.entries(versions).map(([key, value]): [string, unknown] => {
    const fault = (path: string, reason: string) =>
      faults.push({ path: `/versions${pointerStep(key)}${path}`, reason });
    const named = isJsonObject(value) && typeof value.version === "string" ? value.version : key;
    const isTaken = named !== key && isNumbered(named) && !Object.hasOwn(versions, named);
    const version = isTaken ? named : key;
    if (isTaken) fault("/version", `is not the same as its key; taken as ${version}`);
    if (!isVersion(version) && isNumbered(version)) fault("", "is not SemVer; taken as it is");
    return [version, value];
  });
  return Object.fromEntries(entries);
};

/**
 * Corrects what is only a name: a key that is not the namespace or the version, capitals, versions that are not SemVer. The result is
 * not checked yet.
 * @returns the entry, and a fault for each correction, with pointers that begin at the entry
 */
export const correctEntry = <E extends KeyedEntry>(
  entry: E,
  isVersion: IsVersion,
): { entry: E; faults: IndexIssue[] } => {
  const faults: IndexIssue[] = [];
  if (!isJsonObject(entry.value)) return { entry, faults };
  const { versions } = entry.value;
  const value = isJsonObject(versions)
    ? { ...entry.value, versions: correctVersions(versions, isVersion, faults) }
    : entry.value;
  return { entry: { ...entry, ...correctNamespace(entry.key, value, faults) }, faults };
};
