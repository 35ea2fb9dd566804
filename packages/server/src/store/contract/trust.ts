import { Fingerprint, HeadEvidence, RegistryId } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import type { SeenVersionStore } from "./seen-versions.ts";

/** The most contradictions of a registry that are kept. */
export const MAX_EVIDENCE = 8;

/**
 * The accepted state of a signed registry. All registries that show this recovery key share it, and it outlives them: no later
 * contact may lower it.
 */
export const TrustState = Type.Object({
  /** Of the recovery key, whose name has the origin. */
  fingerprint: Fingerprint,
  origin: Type.String(),
  /** The accepted head: the signed note. */
  head: Type.String(),
  epoch: Type.Number(),
  sequence: Type.Number(),
  /** Whether it named the head that was accepted before it. */
  linked: Type.Boolean(),
  /** When the first head of the registry, the first of this epoch, and this head were accepted. */
  ...{ since: Type.Number(), epochSince: Type.Number(), accepted: Type.Number() },
  /** The keeper's time in the head accepted before it, in epoch seconds. */
  before: Type.Optional(Type.Number()),
  /** The latest contradictions, newest last. */
  evidence: Type.Array(HeadEvidence, { maxItems: MAX_EVIDENCE }),
  /** Grows by one with each change. */
  revision: Type.Integer({ minimum: 1 }),
});
export type TrustState = Static<typeof TrustState>;

/** The recovery key that a registry must show. It stays when the registry's address changes, and after the registry was removed. */
export const RegistryPin = Type.Object({
  registry: RegistryId,
  fingerprint: Fingerprint,
  /** Absent where only a fingerprint was given, and no head was seen yet. */
  origin: Type.Optional(Type.String()),
  since: Type.Number(),
  /** Until then another key, or none, is taken with a warning. */
  provisionalUntil: Type.Optional(Type.Number()),
  /** The address of the head's `moved-to` that the owner declined; it is not offered again. */
  declinedMove: Type.Optional(Type.String()),
});
export type RegistryPin = Static<typeof RegistryPin>;

export interface TrustStore {
  get(fingerprint: string): Promise<TrustState | undefined>;
  list(): Promise<TrustState[]>;
  /**
   * Replaces a state whose revision is still the expected one; 0 for none.
   * @param state its revision is ignored, and becomes the next one
   * @returns false if another change came first
   */
  set(state: TrustState, expected: number): Promise<boolean>;
  pin(registry: string): Promise<RegistryPin | undefined>;
  pins(): Promise<RegistryPin[]>;
  /** Pins a registry, or removes its pin. Its cached index is not touched. */
  setPin(registry: string, pin: RegistryPin | undefined): Promise<void>;
}

/** What becomes valid together with an index. */
export interface IndexChange {
  /** The accepted state, and the revision of the one that it was judged by. */
  state?: { next: TrustState; expected: number } | undefined;
  /** Null removes the pin, undefined leaves it. */
  pin?: RegistryPin | null | undefined;
  /** registry.details.json; null removes it, undefined leaves it. */
  details?: Buffer | null | undefined;
  /** Lines of versions that were not seen before; see {@link SeenVersionStore}. */
  seen?: { owner: Parameters<SeenVersionStore["add"]>[0]; how: "add" | "replace"; lines: Buffer } | undefined;
  /** Owners of lines that are forgotten. */
  forgotten?: readonly string[] | undefined;
}
