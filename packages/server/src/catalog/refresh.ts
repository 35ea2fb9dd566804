import { HitagiError, isHitagiError, type RefreshFailure, type Registry } from "@hitagi/contract";
import { utcTime } from "../clock.ts";
import type { IndexChange, IndexMeta, Lock, Store } from "../store/types.ts";
import { skippedFields } from "./index-entry.ts";
import type { IndexReader, IndexReading } from "./read-index.ts";
import { withRegistryLock } from "./registries.ts";
import { INDEX_FILE, type RegistryFiles } from "./registry-files.ts";
import type { SeenChange, SeenLines, SeenRule } from "./seen-versions.ts";
import { createFetchBudget, type FetchBudget } from "./trust/fetch-budget.ts";
import { fetchHead } from "./trust/heads.ts";
import { createJudge, isProvisional, type Judgement, nextState } from "./trust/judge-registry.ts";
import { assertVersionsStay, readDetails } from "./trust/signed-files.ts";
import type { Catalog, Refreshed } from "./types.ts";

export interface RefreshDeps {
  store: Pick<Store, "registries" | "catalog" | "seenVersions" | "locks" | "trust" | "plugins">;
  files: RegistryFiles;
  readIndex: IndexReader;
  /** Milliseconds that all fetches of one refresh may take. */
  timeoutMs: number;
  /** Whether the owner wants a registry to be signed. */
  isSignatureRequired: (registry: string) => Promise<boolean>;
  /** The registry at the commit that its ref names now; undefined where its source does not tell. */
  atCommit: (
    registry: Registry,
    options: { signal: AbortSignal | undefined; timeoutMs: number },
  ) => Promise<Registry | undefined>;
  /** Called when files are not those that the head names. @param since epoch seconds of the first time */
  onTorn: (id: string, since: number) => void;
  /** Called when a new epoch was accepted, in which versions may be missing or changed. */
  onNewEpoch: (id: string) => Promise<void>;
  /** Called when another head of a registry was accepted, with its details. */
  onSignedRefresh: (id: string) => Promise<void>;
  /** Epoch seconds. */
  now: () => number;
  /** Called when a registry has a new index. */
  forget: (id: string) => void;
}

/** Characters of an error that a registry's record keeps: the error may quote an index. */
const MAX_ERROR = 2000;
/** Seconds in which files that do not fit the head count as being published. */
const TORN_SECONDS = 3600;
/** Refreshes that are judged again because another one came first. */
const MAX_TRIES = 3;

/** The earlier of a UTC time and an epoch second, as a UTC time. Both have one form, which sorts as text. */
const earlier = (time: string, seconds: number): string => {
  const other = utcTime(seconds);
  return time < other ? time : other;
};

/**
 * The time that the next index must not be older than. An index from the future counts from the refresh that took it: else it would
 * make all honest ones too old.
 */
const oldestAllowed = (meta: IndexMeta | undefined): string =>
  meta ? earlier(meta.generated_at, meta.refreshed) : "";

type SignedJudgement = Extract<Judgement, { isSigned: true }>;

/** One refresh of one registry. */
interface Run {
  registry: Registry;
  lock: Lock;
  signal: AbortSignal | undefined;
  budget: FetchBudget;
  meta: IndexMeta | undefined;
  acceptOlder: boolean;
}

/** `Catalog.refresh`: fetches, checks and caches the index of a registry. */
export const createRefresh = (deps: RefreshDeps): Catalog["refresh"] => {
  const { store, files, readIndex, now, forget } = deps;
  const judge = createJudge({ ...deps, isRequired: deps.isSignatureRequired });

  const cacheIndex = async (
    { registry, lock }: Pick<Run, "registry" | "lock">,
    { checked, validators }: Extract<IndexReading, { changed: true }>,
    sha256: string | undefined,
    change: IndexChange,
  ): Promise<Refreshed> => {
    const { document, generated_at, rows, skipped } = checked;
    const left = skippedFields(skipped);
    const refreshed = now();
    const meta = {
      // Later refreshes without a change move `refreshed`.
      generated_at: earlier(generated_at, refreshed),
      ...validators,
      refreshed,
      plugins: rows.length,
      ...left,
      ...(sha256 !== undefined && { sha256 }),
    };
    await store.catalog.replace(registry.id, registry.updated, meta, document, rows, lock, change);
    forget(registry.id);
    return { index: document, changed: true, ...left };
  };

  const keepIndex = async (id: string, meta: IndexMeta | undefined): Promise<Refreshed> => {
    if (meta === undefined) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
    await store.catalog.touch(id, now());
    const index = await store.catalog.document(id);
    if (index === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const { skipped, skippedCount } = meta;
    return { index, changed: false, ...(skippedCount && { skipped, skippedCount }) };
  };

  const seenBy = (owner: string, seen: SeenChange | undefined): IndexChange["seen"] =>
    seen && { owner, ...seen };

  const refreshUnsigned = async (run: Run, pin: null | undefined): Promise<Refreshed> => {
    const { registry, signal, budget, acceptOlder } = run;
    const { id } = registry;
    // A signed index is fetched again: its source may say that it did not change.
    const meta = run.meta?.sha256 === undefined ? run.meta : undefined;
    const seen = await store.seenVersions.get(id);
    return readIndex(registry, { meta, signal, budget, seen, rule: "unsigned" }, async (read) => {
      // A folder of this machine is its owner's: who can put an old index there can also give it a new time.
      const oldest = acceptOlder || registry.provider === "local" ? "" : oldestAllowed(meta);
      if (read.changed && read.checked.generated_at < oldest)
        throw new HitagiError("INDEX_OLDER", {
          ...{ id, name: registry.name, found: read.checked.generated_at, cached: oldest },
        });
      const refreshed = read.changed
        ? await cacheIndex(run, read, undefined, {
            seen: seenBy(id, read.checked.seen),
            pin,
            details: null,
          })
        : await keepIndex(id, meta);
      await noteSuccess(registry, read.moved);
      return refreshed;
    });
  };

  /**
   * What a signed index is compared with, and the rule. What the registry offered unsigned has its bytes also under a key that is
   * known from another registry. A new epoch frees from that only the registries that were firmly pinned to the key before.
   */
  const seenOf = async (
    { id }: Registry,
    { pin, succession }: SignedJudgement,
  ): Promise<{ seen: SeenLines; unsigned: SeenLines; rule: SeenRule; forgotten: string[] }> => {
    const seen = await store.seenVersions.get(pin.fingerprint);
    const unsigned = await store.seenVersions.get(id);
    if (succession === "new-epoch") {
      const forgotten = (await store.trust.pins())
        .filter((one) => one.fingerprint === pin.fingerprint && !isProvisional(one, now()))
        .map(({ registry }) => registry);
      return { seen, unsigned: forgotten.includes(id) ? [] : unsigned, rule: "restart", forgotten };
    }
    return seen.length > 0
      ? { seen, unsigned, rule: "follow", forgotten: [] }
      : { seen: unsigned, unsigned: [], rule: "begin", forgotten: [] };
  };

  const refreshSigned = async (run: Run, judged: SignedJudgement): Promise<Refreshed> => {
    const { registry, signal, budget, meta } = run;
    const { head, succession, accepted, pin } = judged;
    if (succession === "same" && meta?.sha256 === head.index) {
      await store.trust.setPin(registry.id, pin);
      const kept = await keepIndex(registry.id, meta);
      await noteSuccess(registry, undefined);
      return kept;
    }
    const details = await readDetails(deps, registry, head, budget, signal);
    const { forgotten, ...compared } = await seenOf(registry, judged);
    const request = { meta: undefined, signal, budget, sha256: head.index, ...compared };
    const refreshed = await readIndex(registry, request, async (read) => {
      if (!read.changed) return keepIndex(registry.id, meta);
      assertVersionsStay(read.checked.breach, details.yanked);
      const state =
        succession === "same"
          ? undefined
          : { next: nextState(judged, Math.floor(now())), expected: accepted?.revision ?? 0 };
      const cached = await cacheIndex(run, read, head.index, {
        state,
        pin,
        details: details.change,
        seen: seenBy(pin.fingerprint, read.checked.seen),
        forgotten,
      });
      await noteSuccess(registry, read.moved);
      return cached;
    });
    if (succession === "new-epoch") await deps.onNewEpoch(registry.id);
    await deps.onSignedRefresh(registry.id);
    return refreshed;
  };

  /** Fetches the head first, and always: the index's validators say nothing of it. */
  const refreshOnce = async (run: Run): Promise<Refreshed> => {
    const { registry, budget, signal } = run;
    const bytes = registry.generateIndex ? undefined : await fetchHead(files, registry, budget, signal);
    const judged = await judge(registry, bytes, run.meta);
    return judged.isSigned ? refreshSigned(run, judged) : refreshUnsigned(run, judged.pin);
  };

  /** Again at the commit where the files do not fit, and from the head where another refresh came first. */
  const refresh = async (run: Run, tries = 1): Promise<Refreshed> => {
    try {
      return await refreshOnce(run);
    } catch (error) {
      if (isHitagiError(error, "TRUST_CHANGED") && tries < MAX_TRIES) {
        const meta = await store.catalog.meta(run.registry.id);
        return refresh({ ...run, meta }, tries + 1);
      }
      if (!isHitagiError(error, "REGISTRY_TORN") || tries > 1) throw error;
      const { signal } = run;
      const registry = await run.budget.spend(INDEX_FILE, (timeoutMs) =>
        deps.atCommit(run.registry, { signal, timeoutMs }),
      );
      if (registry === undefined) throw error;
      return refresh({ ...run, registry }, tries + 1);
    }
  };

  /** Writes only where the record says something else. */
  const noteSuccess = async (
    { id, failure, moved: before }: Registry,
    moved: string | undefined,
  ): Promise<void> => {
    if (failure !== undefined || before !== moved)
      await store.registries.note(id, { ...(moved && { moved }) });
  };

  const noteFailure = async ({ id, moved }: Registry, error: unknown, since: number): Promise<void> => {
    // The registry did not cause these: the caller left, the registry was removed, or this server stood still.
    if (!isHitagiError(error) || isHitagiError(error, "REGISTRY_NOT_FOUND", "STOPPING", "LOCK_LOST")) return;
    const { code, message, hint } = error;
    const failure: RefreshFailure = { code, error: message.slice(0, MAX_ERROR), hint, at: now(), since };
    await store.registries.note(id, { failure, ...(moved && { moved }) });
  };

  /** Since when a registry fails with a code. Files that do not fit are torn at first, and a mismatch after an hour. */
  const failingSince = ({ failure }: Registry, error: unknown): number => {
    const isSame =
      failure !== undefined &&
      isHitagiError(error) &&
      (failure.code === error.code || (failure.code === "INDEX_MISMATCH" && error.code === "REGISTRY_TORN"));
    return isSame ? (failure.since ?? failure.at) : now();
  };
  const afterAnHour = (error: unknown, since: number): unknown =>
    isHitagiError(error, "REGISTRY_TORN") && now() - since >= TORN_SECONDS
      ? new HitagiError("INDEX_MISMATCH", { path: error.params.path ?? INDEX_FILE })
      : error;

  return (id, signal, { acceptOlder = false } = {}) =>
    withRegistryLock(store, id, async (lock) => {
      const registry = await store.registries.get(id);
      if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
      const budget = createFetchBudget(deps.timeoutMs);
      try {
        const meta = await store.catalog.meta(id);
        return await refresh({ registry, lock, signal, budget, meta, acceptOlder });
      } catch (thrown) {
        const since = failingSince(registry, thrown);
        const error = afterAnHour(thrown, since);
        await noteFailure(registry, error, since);
        if (isHitagiError(error, "REGISTRY_TORN")) deps.onTorn(id, since);
        throw error;
      }
    });
};
