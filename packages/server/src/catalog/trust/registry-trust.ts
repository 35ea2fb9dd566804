import type { Registry, RegistryTrust, TrustWarning } from "@hitagi/contract";
import { type VerifiedHead, verifyHead, wordsOfFingerprint } from "@hitagi/trust";
import { utcTime } from "../../clock.ts";
import type { RegistryPin, Store, TrustState } from "../../store/types.ts";
import { findSeen, type SeenLines } from "../seen-versions.ts";

/** Seconds by which a head may be ahead of this server's clock, and by which a promised head may be late. */
const MAX_AHEAD = 3600;
const MAX_LATE = 7 * 24 * 3600;
/** Seconds after a new epoch in which automatic updates take nothing from its registry. */
const EPOCH_WAIT = 72 * 3600;

const seconds = (time: string): number => Math.floor(Date.parse(time) / 1000);

const isSameAddress = (a: string, b: string): boolean => a.replace(/\/+$/, "") === b.replace(/\/+$/, "");

/** The address that a head names, where the registry is read at another one and its owner did not decline it; none for a folder. */
const offeredMove = (
  { url }: Registry,
  { declinedMove }: RegistryPin,
  { movedTo }: VerifiedHead,
): string | undefined =>
  url === undefined || movedTo === undefined || declinedMove === movedTo || isSameAddress(url, movedTo)
    ? undefined
    : movedTo;

/** Until when automatic updates wait for a new epoch; undefined where they do not. The first epoch that was accepted is not a new one. */
const updatesWaitUntil = ({ since, epochSince }: TrustState, now: number): number | undefined => {
  const until = epochSince + EPOCH_WAIT;
  return epochSince > since && now < until ? until : undefined;
};

const warningsOf = (
  registry: Registry,
  pin: RegistryPin,
  state: TrustState,
  head: VerifiedHead,
  now: number,
): TrustWarning[] => {
  const { renew, time } = head;
  const movedTo = offeredMove(registry, pin, head);
  const { linked, accepted, before, epoch } = state;
  const waitsUntil = updatesWaitUntil(state, now);
  const { provisionalUntil = 0 } = pin;
  const warnings: [TrustWarning["code"], boolean, string][] = [
    [
      "PIN_PROVISIONAL",
      provisionalUntil > now,
      "It began to sign. Compare its fingerprint with what the keeper published; until then other keys are taken.",
    ],
    ["HEAD_NOT_LINKED", !linked, "Too many heads were missed to compare it with the one accepted before."],
    [
      "HEAD_IN_FUTURE",
      seconds(time) > accepted + MAX_AHEAD,
      "Its head was signed in the future, by its time.",
    ],
    [
      "HEAD_TIME_WENT_BACK",
      seconds(time) < (before ?? 0),
      "Its head has an earlier time than the one before.",
    ],
    [
      "RENEWAL_OVERDUE",
      renew !== undefined && seconds(renew) + MAX_LATE < now,
      `Its keeper promised another head by ${renew}.`,
    ],
    [
      "REGISTRY_MOVED",
      movedTo !== undefined,
      `Its keeper moved it to ${movedTo}. \`hitagi registry follow ${registry.id}\` follows it, if it shows the same keys there.`,
    ],
    [
      "EPOCH_NEW",
      waitsUntil !== undefined,
      `Its keeper changed its keys, which began epoch ${epoch}. Automatic updates take nothing from it until ${utcTime(waitsUntil ?? 0)}. Read what the keeper says of the change.`,
    ],
  ];
  return warnings.flatMap(([code, holds, text]) => (holds ? [{ code, text }] : []));
};

/** A file of a version, and its registry; null for none. */
interface VersionFile {
  registry: string | null;
  namespace: string;
  version: string;
  sha256: string;
}

interface RegistryTrustDeps {
  store: Pick<Store, "trust" | "seenVersions">;
  isRequired: (registry: string) => Promise<boolean>;
  /** Epoch seconds. */
  now: () => number;
}

/** What is shown of the accepted heads of registries, and of the plugins that they name. */
export const createRegistryTrust = ({ store, isRequired, now }: RegistryTrustDeps) => {
  /** The accepted heads and the lines of versions in memory, by fingerprint. */
  const heads = new Map<string, { revision: number; head: VerifiedHead }>();
  const lines = new Map<string, { revision: number; seen: Promise<SeenLines> }>();

  const headOf = ({ fingerprint, revision, head: note }: TrustState): VerifiedHead => {
    const cached = heads.get(fingerprint);
    if (cached?.revision === revision) return cached.head;
    const head = verifyHead(Buffer.from(note));
    heads.set(fingerprint, { revision, head });
    return head;
  };
  const linesOf = ({ fingerprint, revision }: TrustState): Promise<SeenLines> => {
    const cached = lines.get(fingerprint);
    if (cached?.revision === revision) return cached.seen;
    const seen = store.seenVersions.get(fingerprint);
    lines.set(fingerprint, { revision, seen });
    seen.catch(() => lines.delete(fingerprint));
    return seen;
  };

  const stateOf = async (registry: string): Promise<TrustState | undefined> => {
    const pin = await store.trust.pin(registry);
    return pin && store.trust.get(pin.fingerprint);
  };

  /** Whether the accepted head of a registry names this file; undefined where none is accepted. */
  const named = async (
    registry: string,
    namespace: string,
    version: string,
    sha256: string,
  ): Promise<boolean | undefined> => {
    const state = await stateOf(registry);
    if (!state) return undefined;
    const found = await findSeen(await linesOf(state), namespace, version);
    return found.some((one) => one.version === version && one.sha256 === sha256);
  };

  return {
    /** Whether a registry is pinned to a key of which a head was accepted; also after the registry was removed. */
    wasSigned: async (registry: string): Promise<boolean> => (await stateOf(registry)) !== undefined,
    /** Since when, in epoch seconds, a registry is in a new epoch that does not name this file; undefined where it is in none, or names it. */
    withdrawnSince: async ({
      registry,
      namespace,
      version,
      sha256,
    }: VersionFile): Promise<number | undefined> => {
      const state = registry === null ? undefined : await stateOf(registry);
      if (registry === null || !state || state.epochSince <= state.since) return undefined;
      return (await named(registry, namespace, version, sha256)) ? undefined : state.epochSince;
    },
    /** Whether a registry is signed, and its accepted head does not name this file. */
    isLeftOut: async ({ registry, namespace, version, sha256 }: VersionFile): Promise<boolean> =>
      registry !== null && (await named(registry, namespace, version, sha256)) === false,
    of: async (registry: Registry): Promise<RegistryTrust> => {
      const required = await isRequired(registry.id);
      const pin = await store.trust.pin(registry.id);
      if (!pin) return { state: "unsigned", warnings: [], evidence: 0, required };
      const { fingerprint, origin, provisionalUntil } = pin;
      const identity = { fingerprint, words: wordsOfFingerprint(fingerprint), ...(origin && { origin }) };
      const state = await store.trust.get(fingerprint);
      if (!state) return { state: "pinned", ...identity, warnings: [], evidence: 0, required };
      const head = headOf(state);
      const waitsUntil = updatesWaitUntil(state, now());
      const movedTo = offeredMove(registry, pin, head);
      const isProvisional = provisionalUntil !== undefined && provisionalUntil > now();
      return {
        state: isProvisional ? "provisional" : "signed",
        ...identity,
        ...(isProvisional && { provisionalUntil }),
        ...{ epoch: state.epoch, sequence: state.sequence, signed: seconds(head.time) },
        ...{ accepted: state.accepted, epochSince: state.epochSince },
        ...(waitsUntil !== undefined && { updatesWaitUntil: waitsUntil }),
        ...(head.renew && { renew: seconds(head.renew) }),
        ...(movedTo !== undefined && { movedTo }),
        warnings: warningsOf(registry, pin, state, head, now()),
        evidence: state.evidence.length,
        required,
      };
    },
    /** Whether a head that was accepted of the registry named this file; also after the registry was removed. */
    isSigned: async (...file: Parameters<typeof named>): Promise<boolean> => (await named(...file)) === true,
  };
};
