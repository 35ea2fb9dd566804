import { cleanTexts, type Registry } from "@hitagi/contract";
import { type BadRecords, recordCheck } from "../bad-records.ts";
import { indexFacts } from "../catalog-entry.ts";
import { StoredRegistry } from "../contract/catalog.ts";
import type { RegistryRecord } from "../contract/record-streams.ts";
import { names } from "./names.ts";
import { atKeys } from "./records.ts";
import { fromJson, toMap, wholeNumber } from "./script.ts";

/** A registry as the scripts answer it: LANraragi's hash, ours, the credential's kind, and some fields of its index. */
export type RegistryReply = [
  hash: unknown,
  ours: unknown,
  credential: Registry["credential"] | null,
  index: (string | null)[] | null,
];

/** A registry with its order of creation. */
interface Listed {
  registry: Registry;
  seq: number;
}

/**
 * Lua: `updatedOf(key)`, when the source of a registry was changed, as {@link toRegistry} reads it; nil if the registry is gone.
 * A record that was written by hand or by an old LANraragi may lack its times.
 */
export const UPDATED = `
  local function wholeNumber(text)
    return text and string.match(text, '^-?%d+$') and #text <= 15 and tonumber(text) or nil
  end
  local function updatedOf(key)
    if redis.call('EXISTS', key) == 0 then return nil end
    return wholeNumber(redis.call('HGET', key, 'updated')) or wholeNumber(redis.call('HGET', key, 'created')) or
      tonumber(string.sub(key, -10))
  end
`;

/** The fields that a registry may lack. */
export const OPTIONAL = ["url", "ref", "path"] as const;

const indexFields = (index: RegistryReply[3]): Partial<Registry> => {
  const [refreshed, plugins, skipped, skippedCount] = index ?? [];
  if (!refreshed) return {};
  return indexFacts(() => {
    const list = fromJson(skipped);
    const count = Number(skippedCount ?? 0);
    return {
      refreshed: Number(refreshed),
      plugins: Number(plugins),
      ...(list !== undefined && count > 0 && { skipped: list, skippedCount: count }),
    };
  });
};

/** What the hashes of a registry say, before it is checked. Texts that LANraragi wrote are cleaned. A registry that it wrote lacks the fields of our hash. */
const decode = (id: string, [hash, ours, credential, index]: RegistryReply): Record<string, unknown> => {
  const [fields, own] = [toMap(hash), toMap(ours)];
  const [name, provider] = [fields.get("name"), fields.get("provider")];
  const created = wholeNumber(fields.get("created"), Number(id.slice("REG_".length)));
  const known = OPTIONAL.flatMap((field) => {
    const value = fields.get(field);
    return value ? [[field, value]] : [];
  });
  const [folder, moved] = [own.get("folder"), own.get("moved")];
  const failure = fromJson<Registry["failure"]>(own.get("failure"));
  return {
    ...cleanTexts({ id, name, provider, ...Object.fromEntries(known) }),
    ...(folder && { folder }),
    ...(own.has("lenient") && { lenient: true }),
    ...(own.has("generateIndex") && { generateIndex: true }),
    ...(failure && { failure }),
    ...(moved && { moved }),
    ...(credential && { credential }),
    ...indexFields(index),
    created,
    updated: wholeNumber(fields.get("updated"), created),
  };
};

const check = recordCheck(StoredRegistry);

/** A registry out of its hashes; undefined if there is none, or if it cannot be used. */
export const toRegistry = (bad: BadRecords, id: string, reply: RegistryReply): Listed | undefined => {
  const [hash, ours] = reply;
  if (!/^REG_\d{10}$/.test(id) || (Array.isArray(hash) && hash.length === 0)) return undefined;
  const registry = bad.read(
    check,
    () => atKeys(id, names.registry(id)),
    () => decode(id, reply),
  );
  return registry && { registry, seq: wholeNumber(toMap(ours).get("seq"), 0) };
};

/** LANraragi's fields of a registry, as {@link toRegistry} reads them. */
export const toRegistryHash = (registry: RegistryRecord | Registry): Map<string, string> => {
  const { name, provider, created, updated } = registry;
  const known = OPTIONAL.flatMap((field) => {
    const value = registry[field];
    return value ? [[field, value] as const] : [];
  });
  return new Map([
    ["name", name],
    ["provider", provider],
    ...known,
    ["created", String(created)],
    ["updated", String(updated)],
  ]);
};

/** Oldest first; those of one second in the order of their creation. */
export const compareRegistries = (a: Listed, b: Listed): number =>
  a.registry.created - b.registry.created || a.seq - b.seq || (a.registry.id < b.registry.id ? -1 : 1);
