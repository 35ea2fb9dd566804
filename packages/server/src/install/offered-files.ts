import type { IndexPlugin, IndexVersion } from "@hitagi/contract";
import { type IndexIssue, isJsonObject, pointerStep } from "../catalog/index-rules.ts";

/** A version of an index whose file can be looked at. */
export interface OfferedFile {
  plugin: IndexPlugin;
  version: IndexVersion;
  /** A JSON pointer to the version. */
  pointer: string;
  /** Whether the plugin's name and type are without fault. If not, the file cannot be compared with them. */
  isNamed: boolean;
}

/** A check that answers for a pointer whether one of these fields below it has a fault. */
const faultIn = (faults: readonly IndexIssue[]) => {
  const pointers = new Set(faults.map(({ path }) => path));
  return (pointer: string, fields: readonly string[]): boolean =>
    fields.some((field) => pointers.has(pointer + field));
};

/**
 * The versions of an index whose file is known. The index may have faults elsewhere.
 * @param index parsed JSON
 * @param faults every fault of the index
 */
export const offeredFiles = (index: unknown, faults: readonly IndexIssue[]): OfferedFile[] => {
  const hasFault = faultIn(faults);
  const plugins = isJsonObject(index) && isJsonObject(index.plugins) ? index.plugins : {};
  return Object.entries(plugins).flatMap(([key, plugin]) => {
    const at = `/plugins${pointerStep(key)}`;
    if (!isJsonObject(plugin) || hasFault(at, ["", "/versions"])) return [];
    const isNamed = !hasFault(at, ["/namespace", "/type"]);
    return Object.entries(plugin.versions as Record<string, unknown>).flatMap(([name, version]) => {
      const pointer = `${at}/versions${pointerStep(name)}`;
      if (hasFault(pointer, ["", "/version", "/artifact", "/sha256"])) return [];
      // Neither has a fault in the fields that are read of it.
      return { plugin: plugin as IndexPlugin, version: version as IndexVersion, pointer, isNamed };
    });
  });
};
