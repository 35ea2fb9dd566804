import { restoredAt } from "../catalog/refresh-outdated.ts";
import { createDocuments } from "../documents/documents.ts";
import { alwaysFresh } from "../freshness.ts";
import type { RegistryPin, Store, TrustState } from "../store/types.ts";

type TrustParts = Pick<Store, "trust" | "seenVersions">;

/** Whether a state is of an earlier head than another one of the same recovery key. */
const isBelow = (state: TrustState, other: TrustState): boolean =>
  state.epoch < other.epoch || (state.epoch === other.epoch && state.sequence < other.sequence);

/** What was accepted last stays, with the versions that it had; also where both have another head of one sequence. */
const keepState = async (from: TrustParts, into: TrustParts, state: TrustState): Promise<void> => {
  const { fingerprint } = state;
  const restored = await into.trust.get(fingerprint);
  if (restored && isBelow(state, restored)) return;
  await into.trust.set(state, restored?.revision ?? 0);
  await into.seenVersions.replace(fingerprint, Buffer.concat(await from.seenVersions.get(fingerprint)));
};

/** A registry stays pinned to the key that its owner, or its first contact, chose last. */
const keepPin = async (into: TrustParts, pin: RegistryPin): Promise<void> => {
  const restored = await into.trust.pin(pin.registry);
  const isFirm = restored !== undefined && restored.provisionalUntil === undefined;
  const isSame = restored?.fingerprint === pin.fingerprint;
  if ((isSame && isFirm) || (restored && restored.since > pin.since)) return;
  await into.trust.setPin(pin.registry, pin);
};

/**
 * Keeps what a server has accepted of signed registries when its store is replaced: no accepted state of a recovery key is lowered, and
 * no registry loses its pin. What is restored is refreshed before the first install from it.
 * @param from the store that is replaced; undefined if there is none
 * @param into the store that replaces it, not in use yet
 * @param now epoch seconds
 */
export const keepTrust = async (from: Store | undefined, into: Store, now: number): Promise<void> => {
  for (const state of (await from?.trust.list()) ?? []) if (from) await keepState(from, into, state);
  for (const pin of (await from?.trust.pins()) ?? []) await keepPin(into, pin);
  const documents = createDocuments({ store: into.documents, ensureFresh: alwaysFresh });
  await documents.change(restoredAt, () => ({ at: Math.floor(now) }));
};
