import type { SkippedEntry } from "@hitagi/contract";
import type { IndexMeta } from "../types.ts";
import { fromJson } from "./reply.ts";

/** How a cached index was got, as the fields of its hash. */
export const fieldsOf = (meta: IndexMeta): Record<string, string> => {
  const { generated_at, etag, lastModified, refreshed, plugins, skipped, skippedCount } = meta;
  return {
    generated_at,
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    refreshed: String(refreshed),
    plugins: String(plugins),
    ...(skippedCount && { skipped: JSON.stringify(skipped ?? []), skippedCount: String(skippedCount) }),
  };
};

/** The same out of the fields. */
export const metaOf = (fields: ReadonlyMap<string, string>): IndexMeta => {
  const [etag, lastModified] = [fields.get("etag"), fields.get("lastModified")];
  const skipped = fromJson<SkippedEntry[]>(fields.get("skipped"));
  return {
    generated_at: fields.get("generated_at") ?? "",
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
    refreshed: Number(fields.get("refreshed") ?? 0),
    plugins: Number(fields.get("plugins") ?? 0),
    ...(skipped && { skipped, skippedCount: Number(fields.get("skippedCount")) }),
  };
};
