import { HitagiError, type Registry } from "@hitagi/contract";
import { fingerprintOf, judgeHead, type Succession, TrustError, type VerifiedHead } from "@hitagi/trust";
import { MAX_EVIDENCE } from "../../store/contract/trust.ts";
import type { IndexMeta, RegistryPin, Store, TrustState } from "../../store/types.ts";
import { readHead, refusing } from "./heads.ts";

/** Seconds in which a registry that begins to sign may still show other keys, or none. */
export const PROVISIONAL_SECONDS = 7 * 24 * 3600;

/** How a registry stands before its index is read. */
export type Judgement =
  | {
      isSigned: false;
      /** Null where the pin ends: it was provisional, and the registry shows no head any more. */
      pin: null | undefined;
    }
  | {
      isSigned: true;
      head: VerifiedHead;
      /** The signed note. */
      note: string;
      succession: Succession;
      /** The state that the head was judged by. */
      accepted: TrustState | undefined;
      /** The pin afterwards. */
      pin: RegistryPin;
    };

interface JudgeDeps {
  store: Pick<Store, "trust" | "registries" | "plugins">;
  isRequired: (registry: string) => Promise<boolean>;
  /** Epoch seconds. */
  now: () => number;
}

/** Whether a registry may still show other keys than those of its pin, or none. @param now epoch seconds */
export const isProvisional = ({ provisionalUntil = 0 }: RegistryPin, now: number): boolean =>
  now < provisionalUntil;

/** Keeps two heads that contradict each other, the latest eight pairs of a registry. */
export const keepEvidence = async (
  { store, now }: { store: Pick<Store, "trust">; now: () => number },
  fingerprint: string,
  code: string,
  other: string,
): Promise<void> => {
  for (;;) {
    const state = await store.trust.get(fingerprint);
    if (!state || state.evidence.some((one) => one.other === other)) return;
    const pair = { code, found: Math.floor(now()), accepted: state.head, other };
    const evidence = [...state.evidence, pair].slice(-MAX_EVIDENCE);
    if (await store.trust.set({ ...state, evidence }, state.revision)) return;
  }
};

/**
 * Judges what a registry shows in place of a head, or its head, by its pin and the accepted state. The rules stand in the order of
 * docs/spec-head.md.
 */
export const createJudge = (deps: JudgeDeps) => {
  const { store, isRequired, now } = deps;

  const judgeUnsigned = async ({ id, name }: Registry, pin: RegistryPin | undefined): Promise<Judgement> => {
    if (pin && !isProvisional(pin, now()))
      throw new HitagiError("SIGNATURE_MISSING", { id, name, reason: "it is pinned to a key" });
    if (await isRequired(id)) throw new HitagiError("SIGNATURE_REQUIRED", { id, name });
    return { isSigned: false, pin: pin ? null : undefined };
  };

  /** A pin counts while its registry is configured, and while a plugin of it is installed. */
  const isLive = async ({ registry }: RegistryPin): Promise<boolean> => {
    if (await store.registries.get(registry)) return true;
    return (await store.plugins.list()).some(({ provenance }) => provenance?.registry === registry);
  };

  /** @throws HitagiError ORIGIN_TAKEN */
  const assertOriginFree = async (id: string, origin: string, fingerprint: string): Promise<void> => {
    for (const pin of await store.trust.pins()) {
      const isOther = pin.registry !== id && pin.origin === origin && pin.fingerprint !== fingerprint;
      if (!isOther || !(await isLive(pin))) continue;
      const { name = "a removed registry" } = (await store.registries.get(pin.registry)) ?? {};
      throw new HitagiError("ORIGIN_TAKEN", { origin, name, other: pin.registry });
    }
  };

  /** @throws HitagiError ORIGIN_CHANGED, RECOVERY_KEY_CHANGED */
  const assertPinned = async (registry: Registry, head: VerifiedHead, pin: RegistryPin): Promise<void> => {
    const pinned = await store.trust.get(pin.fingerprint);
    if (pinned) refusing(registry, () => judgeHead(head, readHead(registry, Buffer.from(pinned.head))));
    const reason = `its fingerprint is ${fingerprintOf(head.recovery).hex}, not ${pin.fingerprint}`;
    const { id, name } = registry;
    throw new HitagiError("RECOVERY_KEY_CHANGED", { id, name, reason });
  };

  const follow = async (registry: Registry, head: VerifiedHead, note: string, accepted: TrustState) => {
    try {
      return judgeHead(head, readHead(registry, Buffer.from(accepted.head)));
    } catch (error) {
      if (error instanceof TrustError && ["KEYS_FORKED", "HEAD_FORKED"].includes(error.code))
        await keepEvidence(deps, accepted.fingerprint, error.code, note);
      return refusing(registry, () => {
        throw error;
      });
    }
  };

  /**
   * @param bytes registry.head; undefined where the registry shows none
   * @param meta of the cached index
   * @throws HitagiError HEAD_INVALID, SIGNATURE_MISSING, SIGNATURE_REQUIRED, KEYS_NOT_CERTIFIED, SIGNATURE_UNKNOWN, ORIGIN_CHANGED,
   *   ORIGIN_TAKEN, RECOVERY_KEY_CHANGED, KEYS_FORKED, HEAD_FORKED, REGISTRY_BEHIND, HEAD_ROLLED_BACK
   */
  return async (
    registry: Registry,
    bytes: Buffer | undefined,
    meta: IndexMeta | undefined,
  ): Promise<Judgement> => {
    const { id } = registry;
    const before = await store.trust.pin(id);
    if (bytes === undefined) return judgeUnsigned(registry, before);
    const head = readHead(registry, bytes);
    const fingerprint = fingerprintOf(head.recovery).hex;
    const isOther = before !== undefined && before.fingerprint !== fingerprint;
    if (isOther && !isProvisional(before, now())) await assertPinned(registry, head, before);
    await assertOriginFree(id, head.origin, fingerprint);
    const accepted = await store.trust.get(fingerprint);
    const note = bytes.toString("utf8");
    const succession = accepted ? await follow(registry, head, note, accepted) : "first";
    const wasUnsigned = before === undefined && meta !== undefined && meta.sha256 === undefined;
    const provisionalUntil = wasUnsigned ? Math.floor(now()) + PROVISIONAL_SECONDS : before?.provisionalUntil;
    const pin: RegistryPin = {
      ...{ registry: id, fingerprint, origin: head.origin },
      since: isOther ? Math.floor(now()) : (before?.since ?? Math.floor(now())),
      ...(provisionalUntil !== undefined && provisionalUntil > now() && { provisionalUntil }),
      ...(before?.declinedMove !== undefined && { declinedMove: before.declinedMove }),
    };
    return { isSigned: true, head, note, succession, accepted, pin };
  };
};

/** Later than the first head where it is not of the first epoch that was accepted, also within one second. */
const epochSinceOf = (succession: Succession, accepted: TrustState | undefined, now: number): number => {
  if (!accepted) return now;
  return succession === "new-epoch" ? Math.max(now, accepted.since + 1) : accepted.epochSince;
};

/** The accepted state that a judged head makes. @param now epoch seconds */
export const nextState = (
  { head, note, succession, accepted, pin }: Extract<Judgement, { isSigned: true }>,
  now: number,
): TrustState => ({
  ...{ fingerprint: pin.fingerprint, origin: head.origin, head: note },
  ...{ epoch: head.epoch, sequence: head.sequence, linked: succession !== "not-linked" },
  since: accepted?.since ?? now,
  epochSince: epochSinceOf(succession, accepted, now),
  accepted: now,
  ...(accepted && { before: timeOf(accepted) }),
  evidence: accepted?.evidence ?? [],
  revision: (accepted?.revision ?? 0) + 1,
});

/** The keeper's time in an accepted head, in epoch seconds. */
const timeOf = ({ head }: TrustState): number =>
  Math.floor(Date.parse(/^time (.*)$/m.exec(head)?.[1] ?? "") / 1000) || 0;
