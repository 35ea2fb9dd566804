import type { Registry } from "@hitagi/contract";
import pLimit from "p-limit";
import { isCommit } from "../sources/repository-fields.ts";
import type { Validators } from "../sources/types.ts";
import type { IndexMeta, Store } from "../store/types.ts";
import { createIndexGenerator, pluginTree, RETRY_SECONDS, type VetFile } from "./generate-index.ts";
import { checkIndex, checkIndexLeniently } from "./index-check.ts";
import type { CheckedIndex } from "./index-examine.ts";
import { withIndexInMemory } from "./index-memory.ts";
import { INDEX_FILE, limitsOf, type RegistryFiles, type RegistryFilesDeps } from "./registry-files.ts";
import type { SeenLines, SeenRule } from "./seen-versions.ts";
import type { FetchBudget } from "./trust/fetch-budget.ts";
import { assertNamed } from "./trust/signed-files.ts";

/** The index of a registry, checked; `changed` is false where it is the cached one. */
export type IndexReading = (
  | { changed: false }
  | { changed: true; checked: CheckedIndex; validators: Validators }
) & { moved?: string | undefined };

/** How an index is read. */
export interface IndexRequest {
  /** Of the cached index, which stays if the source says that nothing changed; undefined reads it in any case. */
  meta: IndexMeta | undefined;
  signal: AbortSignal | undefined;
  budget: FetchBudget;
  /** The SHA-256 in hex that it must have. */
  sha256?: string | undefined;
  /** The versions that it is compared with. */
  seen: SeenLines;
  /** The versions that a signed registry offered before it was signed: those keep their hashes, and may be left out. */
  unsigned?: SeenLines;
  rule: SeenRule;
}

/**
 * Reads an index, and works with it while it is in memory.
 * @throws HitagiError INDEX_INVALID, REGISTRY_TORN (it has another hash), what the source throws, what the work throws
 */
export type IndexReader = <T>(
  registry: Registry,
  request: IndexRequest,
  work: (reading: IndexReading) => Promise<T>,
) => Promise<T>;

/**
 * The validators of a conditional fetch. A strict registry whose index was cached while it was lenient has none: an
 * unchanged registry.json with bad entries must be refused now.
 */
const validatorsOf = (registry: Registry, meta: IndexMeta | undefined): Validators | undefined =>
  meta && (registry.lenient || !meta.skippedCount)
    ? { etag: meta.etag, lastModified: meta.lastModified }
    : undefined;

interface IndexReaderDeps extends RegistryFilesDeps {
  store: Pick<Store, "registries" | "catalog">;
  vet: VetFile;
  /** Epoch seconds. */
  now: () => number;
}

/** Reads the registry.json of a registry. */
const createFetchIndex =
  (files: RegistryFiles, { now }: IndexReaderDeps): IndexReader =>
  (registry, { meta, signal, budget, sha256, seen, unsigned = [], rule }, work) => {
    const validators = validatorsOf(registry, meta);
    return withIndexInMemory(
      (maxBytes) =>
        budget.spend(INDEX_FILE, (timeoutMs) =>
          files(registry, INDEX_FILE, { maxBytes, timeoutMs, signal, ...(validators && { validators }) }),
        ),
      async (fetched) => {
        if (!fetched.changed) return work(fetched);
        if (sha256 !== undefined) assertNamed(fetched.bytes, sha256, INDEX_FILE);
        const check = registry.lenient ? checkIndexLeniently : checkIndex;
        const checked = await check(fetched.bytes, { seen, unsigned, rule, now: Math.floor(now()) });
        return work({ changed: true, checked, validators: fetched.validators, moved: fetched.moved });
      },
    );
  };

/** Indexes that are generated at once: each starts processes, and holds the files of its repository. */
const GENERATED_AT_ONCE = 2;

/** Generates the index of a registry that has no registry.json. */
const createGenerateIndex = (deps: IndexReaderDeps): IndexReader => {
  const { store, sources, vet, now } = deps;
  const generate = createIndexGenerator(vet);
  /** Until when the files of a registry that do not load count as tried: what they lack may be there later. */
  const triedUntil = new Map<string, number>();

  const inTurn = pLimit(GENERATED_AT_ONCE);

  const read = async (registry: Registry, { meta, signal, seen }: IndexRequest): Promise<IndexReading> => {
    const { id, provider } = registry;
    const isKnown = meta && (!meta.skippedCount || (triedUntil.get(id) ?? 0) > now());
    const { readTree } = sources.get(provider);
    // The fields of a registry are checked when it is made.
    if (!readTree) throw new TypeError(`the files of a ${provider} registry cannot be listed`);
    const tree = await readTree(registry, {
      ...pluginTree,
      ...(await limitsOf(deps, registry, signal)),
      ...(isKnown && { validators: { etag: meta.etag } }),
    });
    if (!tree.changed) return tree;
    const before = await store.catalog.document(id);
    const { checked, isFinal } = await generate({ tree, before, seen, now: Math.floor(now()), signal });
    triedUntil.set(id, isFinal ? now() + RETRY_SECONDS : 0);
    const { validators, moved } = tree;
    const isSame = meta?.etag === validators.etag && before?.equals(checked.document) === true;
    const isSkippedSame = JSON.stringify(meta?.skipped ?? []) === JSON.stringify(checked.skipped.list);
    return isSame && isSkippedSame
      ? { changed: false, moved }
      : { changed: true, checked, validators, moved };
  };
  return async (registry, request, work) => work(await inTurn(() => read(registry, request)));
};

/** Reads the index of a registry, from its registry.json or from its plugin files. */
export const createIndexReader = (files: RegistryFiles, deps: IndexReaderDeps): IndexReader => {
  const fetchIndex = createFetchIndex(files, deps);
  const generateIndex = createGenerateIndex(deps);
  return (registry, ...rest) => (registry.generateIndex ? generateIndex : fetchIndex)(registry, ...rest);
};

/** The registry at the commit that its index was generated from: its branch may have gone on. */
export const atIndexedCommit = (registry: Registry, meta: IndexMeta | undefined): Registry => {
  const commit = meta?.etag?.replaceAll('"', "") ?? "";
  const isGenerated = registry.generateIndex && registry.provider === "git" && isCommit(commit);
  return isGenerated ? { ...registry, ref: commit } : registry;
};
