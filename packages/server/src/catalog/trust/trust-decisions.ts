import {
  type HeadEvidence,
  type HeadRelation,
  HitagiError,
  type Registry,
  type RegistryIdentity,
  type RegistryKeys,
} from "@hitagi/contract";
import { judgeHead, MAX_NOTE_BYTES, TrustError, type VerifiedHead, wordsOfFingerprint } from "@hitagi/trust";
import { assertFetched } from "../../sources/assert-fetched.ts";
import type { Http } from "../../sources/http.ts";
import type { RegistryPin, Store, TrustState } from "../../store/types.ts";
import { withRegistryLock } from "../registries.ts";
import { changedFields, type RegistryChange } from "../registry-fields.ts";
import type { RegistryFiles } from "../registry-files.ts";
import { createFetchBudget } from "./fetch-budget.ts";
import { fetchHead, identityOf, readHead, refusing } from "./heads.ts";
import { keepEvidence } from "./judge-registry.ts";

interface DecisionDeps {
  store: Pick<Store, "trust" | "registries" | "locks" | "seenVersions">;
  files: RegistryFiles;
  http: Pick<Http, "get">;
  /** Milliseconds that a fetch may take. */
  timeoutMs: number;
  /** Epoch seconds. */
  now: () => number;
}

const pinnedOf = ({ origin = "", fingerprint }: RegistryPin): RegistryIdentity => ({
  ...{ origin, fingerprint, words: wordsOfFingerprint(fingerprint) },
});

const relations: Partial<Record<string, HeadRelation>> = {
  KEYS_FORKED: "forked",
  HEAD_FORKED: "forked",
  REGISTRY_BEHIND: "behind",
  ORIGIN_CHANGED: "other-registry",
  RECOVERY_KEY_CHANGED: "other-registry",
};

/** How another verified head stands to the accepted one. */
const relationOf = (other: VerifiedHead, accepted: VerifiedHead): HeadRelation => {
  try {
    const succession = judgeHead(other, accepted);
    if (succession === "new-epoch") return "newer-keys";
    if (succession === "linked") return "ahead";
    return succession === "same" ? "same" : "too-far";
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return relations[error.code] ?? (other.epoch < accepted.epoch ? "older-keys" : "too-far");
  }
};

/** Where a head is: a server of Hitagi answers those of other servers at an address of their own. */
const headAt = (url: URL, { origin, fingerprint }: Pick<TrustState, "origin" | "fingerprint">): URL =>
  url.pathname === "/" ? new URL(`/api/heads/${fingerprint}?${new URLSearchParams({ origin })}`, url) : url;

/** What the owner asks of a registry's keys, and decides. */
export interface TrustDecisions {
  /** Fetches the head that the registry's address shows now. It stores nothing. @throws what the source throws, HEAD_INVALID … */
  keys(id: string, signal?: AbortSignal): Promise<RegistryKeys>;
  /**
   * Pins the registry to the key that its address shows now, firmly; or makes it an unsigned one, where it shows none.
   * @param fingerprint the one that the owner compared; null for none
   * @throws HitagiError RECOVERY_KEY_CHANGED (it shows another one by now), SIGNATURE_MISSING, REGISTRY_BUSY
   */
  decide(id: string, fingerprint: string | null, signal?: AbortSignal): Promise<void>;
  /**
   * @param other the text of the other head, or where it is read
   * @throws HitagiError REGISTRY_NOT_SIGNED, HEAD_INVALID, KEYS_NOT_CERTIFIED, SIGNATURE_UNKNOWN, and what Http.get throws
   */
  compare(id: string, other: string | URL, signal?: AbortSignal): Promise<HeadRelation>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  evidence(id: string): Promise<HeadEvidence[]>;
  /** The accepted note. @throws HitagiError REGISTRY_NOT_FOUND, REGISTRY_NOT_SIGNED */
  head(id: string): Promise<string>;
  /** The accepted note of an identity that another server knows; undefined if there is none. */
  headOf(origin: string, fingerprint: string): Promise<string | undefined>;
  /**
   * Checks that the address to which the keeper moved the registry shows the same origin and recovery key, and no earlier head.
   * @param place what is at the address
   * @throws HitagiError REGISTRY_NOT_MOVED, SIGNATURE_MISSING, those of a head, and what the source throws
   */
  checkMove(id: string, address: string, place: RegistryChange, signal?: AbortSignal): Promise<void>;
  /** Remembers that the owner stays where the registry is. @throws HitagiError REGISTRY_NOT_MOVED */
  declineMove(id: string, address: string): Promise<void>;
  /** Pins a new registry to a key that the owner was given. */
  pinTo(id: string, fingerprint: string): Promise<void>;
}

export const createTrustDecisions = (deps: DecisionDeps): TrustDecisions => {
  const { store, files, http, timeoutMs, now } = deps;

  const registryOf = async (id: string): Promise<Registry> => {
    const registry = await store.registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    return registry;
  };
  const shown = async (
    registry: Registry,
    signal: AbortSignal | undefined,
  ): Promise<RegistryIdentity | null> => {
    if (registry.generateIndex) return null;
    const bytes = await fetchHead(files, registry, createFetchBudget(timeoutMs), signal);
    return bytes ? identityOf(readHead(registry, bytes)) : null;
  };
  const stateOf = async ({ id }: Registry): Promise<TrustState | undefined> => {
    const pin = await store.trust.pin(id);
    return pin && store.trust.get(pin.fingerprint);
  };
  const read = async (url: URL, signal: AbortSignal | undefined): Promise<string> => {
    const options = { maxBytes: MAX_NOTE_BYTES, timeoutMs, ...(signal && { signal }) };
    const fetched = await http.get(url, "the other head", options);
    assertFetched(fetched, "the other head");
    return fetched.bytes.toString();
  };
  const acceptedOf = async (registry: Registry): Promise<TrustState> => {
    const state = await stateOf(registry);
    const { id, name } = registry;
    if (state === undefined) throw new HitagiError("REGISTRY_NOT_SIGNED", { id, name });
    return state;
  };

  /** The accepted head, which says that the registry is at this address now. @throws HitagiError REGISTRY_NOT_MOVED */
  const movedHead = async (registry: Registry, address: string): Promise<VerifiedHead> => {
    const head = readHead(registry, Buffer.from((await acceptedOf(registry)).head));
    const { id, name } = registry;
    if (head.movedTo !== address) throw new HitagiError("REGISTRY_NOT_MOVED", { id, name, address });
    return head;
  };

  return {
    checkMove: async (id, address, place, signal) => {
      const registry = await registryOf(id);
      const accepted = await movedHead(registry, address);
      const { created, updated } = registry;
      // Without the credential, which belongs to the address before.
      const there = { id, created, updated, ...changedFields(registry, place) };
      const bytes = await fetchHead(files, there, createFetchBudget(timeoutMs), signal);
      if (bytes === undefined)
        throw new HitagiError("SIGNATURE_MISSING", {
          ...{ id, name: registry.name, reason: `${address} shows no head` },
        });
      refusing(registry, () => judgeHead(readHead(registry, bytes), accepted));
    },
    declineMove: async (id, address) => {
      await movedHead(await registryOf(id), address);
      const pin = await store.trust.pin(id);
      if (pin) await store.trust.setPin(id, { ...pin, declinedMove: address });
    },
    keys: async (id, signal) => {
      const pin = await store.trust.pin(id);
      return { pinned: pin ? pinnedOf(pin) : null, found: await shown(await registryOf(id), signal) };
    },
    decide: (id, fingerprint, signal) =>
      withRegistryLock(store, id, async () => {
        const registry = await registryOf(id);
        const { name } = registry;
        const found = await shown(registry, signal);
        if (fingerprint !== null && found === null)
          throw new HitagiError("SIGNATURE_MISSING", { id, name, reason: "the owner named a key" });
        if (found !== null && found.fingerprint !== fingerprint) {
          const reason = `its fingerprint is ${found.fingerprint}, and the owner named ${fingerprint ?? "none"}`;
          throw new HitagiError("RECOVERY_KEY_CHANGED", { id, name, reason });
        }
        const { origin } = found ?? {};
        const pin =
          fingerprint && origin ? { registry: id, fingerprint, origin, since: Math.floor(now()) } : undefined;
        const before = await store.trust.pin(id);
        await store.trust.setPin(id, pin);
        // Under another key, the versions that it offered before are forgotten.
        if (before?.fingerprint !== pin?.fingerprint) await store.seenVersions.replace(id, Buffer.alloc(0));
      }),
    compare: async (id, place, signal) => {
      const registry = await registryOf(id);
      const state = await acceptedOf(registry);
      const note = typeof place === "string" ? place : await read(headAt(place, state), signal);
      const other = readHead(registry, Buffer.from(note));
      const relation = relationOf(other, readHead(registry, Buffer.from(state.head)));
      if (relation === "forked") await keepEvidence(deps, state.fingerprint, "HEAD_FORKED", note);
      return relation;
    },
    evidence: async (id) => (await stateOf(await registryOf(id)))?.evidence ?? [],
    head: async (id) => (await acceptedOf(await registryOf(id))).head,
    headOf: async (origin, fingerprint) => {
      const state = await store.trust.get(fingerprint);
      return state?.origin === origin ? state.head : undefined;
    },
    pinTo: (id, fingerprint) =>
      store.trust.setPin(id, { registry: id, fingerprint, since: Math.floor(now()) }),
  };
};
