import path from "node:path";
import {
  HitagiError,
  type IndexPlugin,
  type IndexVersion,
  MAX_ARTIFACT_FILE_BYTES,
  MAX_DETAILS_BYTES,
  type Manifest,
  type PluginDetails,
  quoteText,
  type RegistryFields,
  type RuntimeName,
} from "@hitagi/contract";
import type { VerifiedHead } from "@hitagi/trust";
import { sha256Of } from "../disk/sha256.ts";
import { assertFetched } from "../sources/assert-fetched.ts";
import type { Sources } from "../sources/sources.ts";
import { createIndexGenerator, pluginTree, type VetFile } from "./generate-index.ts";
import { checkIndex, checkIndexLeniently, splitDetails } from "./index-check.ts";
import type { CheckedIndex } from "./index-examine.ts";
import { withIndexInMemory } from "./index-memory.ts";
import { checkFields, trimmed } from "./registry-fields.ts";
import { INDEX_FILE } from "./registry-files.ts";
import { createFetchBudget, type FetchBudget } from "./trust/fetch-budget.ts";
import { DETAILS_FILE, fetchHead, type NamedRegistry, readHead } from "./trust/heads.ts";
import { assertNamed } from "./trust/signed-files.ts";

/**
 * How errors name a registry that is not configured. Who made the lock file chose the name: it is quoted in sentences, and commands have a
 * placeholder.
 */
export const unaddedName = (name: string): NamedRegistry => ({ id: "<registry>", name: quoteText(name) });

/** What a registry offers that is not configured. */
export interface UnaddedRegistry {
  /** Undefined where it is not signed. */
  head: VerifiedHead | undefined;
  /** By namespace, of the plugins that were asked for. */
  plugins: ReadonlyMap<string, IndexPlugin>;
  details: ReadonlyMap<string, PluginDetails>;
  /**
   * Reads and loads the file of an offered version.
   * @throws HitagiError HASH_MISMATCH, LOAD_FAILED, LOAD_CHECK_FAILED, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE, and what the source throws
   */
  load(namespace: string, version: IndexVersion, signal: AbortSignal | undefined): ReturnType<LoadFile>;
}

/** Loads a plugin file, unless nothing would confine it: then its manifest is undefined. @throws HitagiError LOAD_FAILED, LOAD_CHECK_FAILED, ARTIFACT_NAME_INVALID, RUNTIME_UNAVAILABLE */
export type LoadFile = (
  filename: string,
  bytes: Buffer,
  signal: AbortSignal | undefined,
) => Promise<{ manifest: Manifest | undefined; runtime: RuntimeName }>;

/**
 * Reads a registry as its first refresh would, and stores nothing.
 * @param namespaces the plugins to read
 * @throws HitagiError REGISTRY_FIELDS_INVALID, INDEX_INVALID, REGISTRY_TORN, SIGNATURE_REQUIRED, those of a head, and what the source throws
 */
export type ReadUnadded = (
  fields: RegistryFields,
  namespaces: ReadonlySet<string>,
  signal: AbortSignal | undefined,
) => Promise<UnaddedRegistry>;

interface Deps {
  sources: Sources;
  /** Milliseconds of all fetches together. */
  timeoutMs: number;
  /** Loads the files of a registry without registry.json. */
  vet: VetFile;
  load: LoadFile;
  /** Whether registries must be signed, unless the owner said otherwise of one. */
  isSignatureRequired: () => Promise<boolean>;
  /** Epoch seconds. */
  now: () => number;
}

/** The plugins that were asked for, of a checked index. */
const pick = (
  { document, rows }: CheckedIndex,
  namespaces: ReadonlySet<string>,
): Map<string, IndexPlugin> => {
  const wanted = rows.filter(({ summary }) => namespaces.has(summary.namespace));
  return new Map(
    wanted.map(({ summary, start, length }) => [
      summary.namespace,
      JSON.parse(document.toString("utf8", start, start + length)) as IndexPlugin,
    ]),
  );
};

export const createReadUnadded = ({
  sources,
  timeoutMs,
  vet,
  load,
  isSignatureRequired,
  now,
}: Deps): ReadUnadded => {
  const generate = createIndexGenerator(vet);

  const fetchFile = async (
    fields: RegistryFields,
    file: string,
    maxBytes: number,
    budget: FetchBudget,
    signal: AbortSignal | undefined,
  ): Promise<Buffer> => {
    const fetched = await budget.spend(file, (left) =>
      sources
        .get(fields.provider)
        .fetch(fields, file, { maxBytes, timeoutMs: left, ...(signal && { signal }) }),
    );
    assertFetched(fetched, file);
    return fetched.bytes;
  };

  const readIndex = (
    fields: RegistryFields,
    head: VerifiedHead | undefined,
    namespaces: ReadonlySet<string>,
    budget: FetchBudget,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, IndexPlugin>> =>
    withIndexInMemory(
      async (maxBytes) => ({
        changed: true,
        bytes: await fetchFile(fields, INDEX_FILE, maxBytes, budget, signal),
        validators: {},
      }),
      async (fetched) => {
        assertFetched(fetched, INDEX_FILE);
        const { bytes } = fetched;
        if (head) assertNamed(bytes, head.index, INDEX_FILE);
        const check = fields.lenient ? checkIndexLeniently : checkIndex;
        const rule = head ? "begin" : "unsigned";
        return pick(await check(bytes, { seen: [], rule, now: Math.floor(now()) }), namespaces);
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
    const bytes = await fetchFile(fields, DETAILS_FILE, MAX_DETAILS_BYTES, budget, signal);
    assertNamed(bytes, head.details, DETAILS_FILE);
    const { plugins, places } = await splitDetails(bytes);
    const wanted = [...places].filter(([namespace]) => namespaces.has(namespace));
    return new Map(
      wanted.map(([namespace, place]) => [namespace, JSON.parse(plugins.toString("utf8", ...place))]),
    );
  };

  /** @param read reads the file of a version */
  const loading =
    (read: (artifact: string, signal: AbortSignal | undefined) => Promise<Buffer>): UnaddedRegistry["load"] =>
    async (namespace, { version, artifact, sha256 }, signal) => {
      const bytes = await read(artifact, signal);
      const actual = sha256Of(bytes);
      if (actual !== sha256)
        throw new HitagiError("HASH_MISMATCH", { namespace, version, expected: sha256, actual });
      return load(path.posix.basename(artifact), bytes, signal);
    };

  /** What a refresh would generate of the files of a registry. */
  const readGenerated = async (
    fields: RegistryFields,
    namespaces: ReadonlySet<string>,
    signal: AbortSignal | undefined,
  ): Promise<UnaddedRegistry> => {
    const tree = await sources
      .get(fields.provider)
      .readTree?.(fields, { ...pluginTree, timeoutMs, ...(signal && { signal }) });
    if (!tree?.changed) throw new TypeError(`the files of a ${fields.provider} registry cannot be listed`);
    const { checked } = await generate({ tree, before: undefined, seen: [], now: Math.floor(now()), signal });
    const read = async (artifact: string): Promise<Buffer> => {
      const file = tree.files.find((one) => one.path === artifact);
      if (!file || "problem" in file) throw new HitagiError("SOURCE_FILE_MISSING", { path: artifact });
      return file.bytes;
    };
    return { head: undefined, plugins: pick(checked, namespaces), details: new Map(), load: loading(read) };
  };

  return async (given, namespaces, signal) => {
    const fields = trimmed(given);
    checkFields(sources, fields);
    const budget = createFetchBudget(timeoutMs);
    const registry = unaddedName(fields.name);
    const bytes = fields.generateIndex
      ? undefined
      : await fetchHead(
          (_, file, { signal: stop, ...limits }) =>
            sources.get(fields.provider).fetch(fields, file, { ...limits, ...(stop && { signal: stop }) }),
          registry,
          budget,
          signal,
        );
    const head = bytes && readHead(registry, bytes);
    if (!head && (await isSignatureRequired())) throw new HitagiError("SIGNATURE_REQUIRED", { ...registry });
    if (fields.generateIndex) return readGenerated(fields, namespaces, signal);
    const details = await readDetails(fields, head, namespaces, budget, signal);
    const plugins = await readIndex(fields, head, namespaces, budget, signal);
    const read = (artifact: string, stop: AbortSignal | undefined) =>
      // Each file has a time of its own, as in an install.
      fetchFile(fields, artifact, MAX_ARTIFACT_FILE_BYTES, createFetchBudget(timeoutMs), stop);
    return { head, plugins, details, load: loading(read) };
  };
};
