import {
  HitagiError,
  type IndexPlugin,
  MAX_DETAILS_BYTES,
  type PluginDetails,
  type RegistryFields,
} from "@hitagi/contract";
import type { VerifiedHead } from "@hitagi/trust";
import { assertFetched } from "../sources/assert-fetched.ts";
import type { Sources } from "../sources/sources.ts";
import { checkIndex, checkIndexLeniently, splitDetails } from "./index-check.ts";
import { withIndexInMemory } from "./index-memory.ts";
import { INDEX_FILE } from "./registry-files.ts";
import { createFetchBudget, type FetchBudget } from "./trust/fetch-budget.ts";
import { DETAILS_FILE, fetchHead, readHead } from "./trust/heads.ts";
import { assertNamed } from "./trust/signed-files.ts";

/** What a registry offers that is not configured. */
export interface UnaddedRegistry {
  /** Undefined where it is not signed. */
  head: VerifiedHead | undefined;
  /** By namespace, of the plugins that were asked for. */
  plugins: ReadonlyMap<string, IndexPlugin>;
  details: ReadonlyMap<string, PluginDetails>;
}

/**
 * Reads a registry as its first refresh would, and stores nothing.
 * @param namespaces the plugins to read
 * @returns undefined for one without registry.json, whose plugin files are vetted first
 * @throws HitagiError INDEX_INVALID, REGISTRY_TORN, SIGNATURE_REQUIRED, those of a head, and what the source throws
 */
export type ReadUnadded = (
  fields: RegistryFields,
  namespaces: ReadonlySet<string>,
  signal: AbortSignal | undefined,
) => Promise<UnaddedRegistry | undefined>;

interface Deps {
  sources: Sources;
  /** Milliseconds of all fetches together. */
  timeoutMs: number;
  /** Whether registries must be signed, unless the owner said otherwise of one. */
  isSignatureRequired: () => Promise<boolean>;
  /** Epoch seconds. */
  now: () => number;
}

export const createReadUnadded = ({ sources, timeoutMs, isSignatureRequired, now }: Deps): ReadUnadded => {
  const readIndex = (
    fields: RegistryFields,
    head: VerifiedHead | undefined,
    namespaces: ReadonlySet<string>,
    budget: FetchBudget,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, IndexPlugin>> =>
    withIndexInMemory(
      (maxBytes) =>
        budget.spend(INDEX_FILE, (left) =>
          sources
            .get(fields.provider)
            .fetch(fields, INDEX_FILE, { maxBytes, timeoutMs: left, ...(signal && { signal }) }),
        ),
      async (fetched) => {
        assertFetched(fetched, INDEX_FILE);
        if (head) assertNamed(fetched.bytes, head.index, INDEX_FILE);
        const check = fields.lenient ? checkIndexLeniently : checkIndex;
        const rule = head ? "begin" : "unsigned";
        const { document, rows } = await check(fetched.bytes, { seen: [], rule, now: Math.floor(now()) });
        const wanted = rows.filter(({ summary }) => namespaces.has(summary.namespace));
        return new Map(
          wanted.map(({ summary, start, length }) => [
            summary.namespace,
            JSON.parse(document.toString("utf8", start, start + length)) as IndexPlugin,
          ]),
        );
      },
    );

  const readDetails = async (
    fields: RegistryFields,
    head: VerifiedHead | undefined,
    namespaces: ReadonlySet<string>,
    budget: FetchBudget,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, PluginDetails>> => {
    if (head?.details === undefined) return new Map();
    const fetched = await budget.spend(DETAILS_FILE, (left) =>
      sources.get(fields.provider).fetch(fields, DETAILS_FILE, {
        ...{ maxBytes: MAX_DETAILS_BYTES, timeoutMs: left },
        ...(signal && { signal }),
      }),
    );
    assertFetched(fetched, DETAILS_FILE);
    assertNamed(fetched.bytes, head.details, DETAILS_FILE);
    const { plugins, places } = await splitDetails(fetched.bytes);
    const wanted = [...places].filter(([namespace]) => namespaces.has(namespace));
    return new Map(
      wanted.map(([namespace, place]) => [namespace, JSON.parse(plugins.toString("utf8", ...place))]),
    );
  };

  return async (fields, namespaces, signal) => {
    if (fields.generateIndex) return undefined;
    const budget = createFetchBudget(timeoutMs);
    const registry = { ...fields, id: fields.name };
    const bytes = await fetchHead(
      (_, file, { signal: stop, ...limits }) =>
        sources.get(fields.provider).fetch(fields, file, { ...limits, ...(stop && { signal: stop }) }),
      registry,
      budget,
      signal,
    );
    const head = bytes && readHead(registry, bytes);
    if (!head && (await isSignatureRequired()))
      throw new HitagiError("SIGNATURE_REQUIRED", { id: registry.id, name: registry.name });
    const details = await readDetails(fields, head, namespaces, budget, signal);
    return { head, details, plugins: await readIndex(fields, head, namespaces, budget, signal) };
  };
};
