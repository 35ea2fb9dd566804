import { HitagiError, type RegistryFields } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";

/** The fields by which a source is reached. */
const SOURCE_FIELDS = ["url", "ref", "path", "folder"] as const;

const faultOf = (sources: Sources, fields: RegistryFields): string | undefined => {
  const source = sources.get(fields.provider);
  const known = [...source.fields, ...source.optional];
  if (fields.name.trim() === "") return "name is missing";
  const alien = SOURCE_FIELDS.find((field) => fields[field] !== undefined && !known.includes(field));
  if (alien !== undefined) return `${alien} is not a field of this provider`;
  const missing = source.fields.find((field) => (fields[field] ?? "") === "");
  return missing === undefined ? source.check(fields) : `${missing} is missing`;
};

/** @throws HitagiError REGISTRY_FIELDS_INVALID where a field is missing, not of this provider, or not valid */
export const checkFields = (sources: Sources, fields: RegistryFields): void => {
  const reason = faultOf(sources, fields);
  if (reason !== undefined) {
    throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: fields.provider, reason });
  }
};

/** Fields that are to be others; those that are absent stay, and null removes the folder. */
export type RegistryChange = Partial<Omit<RegistryFields, "folder">> & { folder?: string | null | undefined };

/** The fields after a change; those of the old provider do not outlive it (LANraragi). */
export const changedFields = (current: RegistryFields, change: RegistryChange): RegistryFields => {
  const { name, provider, url, ref, path, folder, lenient } = current;
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const moved = change.provider !== undefined && change.provider !== provider;
  const kept = { name, provider, lenient, ...(moved ? {} : { url, ref, path, folder }) };
  return { ...kept, ...given, ...(change.folder === null && { folder: undefined }) };
};

/** Whether two registries' files are the same ones. */
export const sameSource = (a: RegistryFields, b: RegistryFields): boolean =>
  a.provider === b.provider && SOURCE_FIELDS.every((field) => a[field] === b[field]);
