import { HitagiError, type RegistryFields } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";

/** The fields that say where a source is. */
const SOURCE_FIELDS = ["url", "ref", "path", "folder"] as const;

const problemOf = (sources: Sources, fields: RegistryFields): string | undefined => {
  const source = sources.get(fields.provider);
  const known = [...source.fields, ...source.optional];
  if (fields.name.trim() === "") return "name is missing";
  const unknown = SOURCE_FIELDS.find((field) => fields[field] !== undefined && !known.includes(field));
  if (unknown !== undefined) return `${unknown} is not a field of this provider`;
  const missing = source.fields.find((field) => (fields[field] ?? "") === "");
  return missing === undefined ? source.check(fields) : `${missing} is missing`;
};

/** @throws HitagiError REGISTRY_FIELDS_INVALID where a field is missing, not of this provider, or not valid */
export const checkFields = (sources: Sources, fields: RegistryFields): void => {
  const reason = problemOf(sources, fields);
  if (reason !== undefined) {
    throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: fields.provider, reason });
  }
};

/** The fields to change. Absent fields stay; null removes the folder. */
export type RegistryChange = Partial<Omit<RegistryFields, "folder">> & { folder?: string | null | undefined };

/** The fields after a change. A change of the provider drops the fields of the old one, as in LANraragi. */
export const changedFields = (current: RegistryFields, change: RegistryChange): RegistryFields => {
  const { name, provider, url, ref, path, folder, lenient } = current;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const changesProvider = change.provider !== undefined && change.provider !== provider;
  const kept = { name, provider, lenient, ...(changesProvider ? {} : { url, ref, path, folder }) };
  return { ...kept, ...given, ...(change.folder === null && { folder: undefined }) };
};

/** Whether two registries read the same files. */
export const sameSource = (a: RegistryFields, b: RegistryFields): boolean =>
  a.provider === b.provider && SOURCE_FIELDS.every((field) => a[field] === b[field]);
