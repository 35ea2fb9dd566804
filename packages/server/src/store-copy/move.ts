import { HitagiError } from "@hitagi/contract";
import type { RecordKind } from "../store/contract/record-streams.ts";
import type { CopyStep } from "../store/copy-records.ts";
import { copyArtifacts } from "./artifacts.ts";
import { type Beginning, copyStore } from "./copy.ts";
import type { Digest } from "./digest.ts";
import type { Endpoint, EndpointOptions } from "./endpoint.ts";
import { openEndpoint } from "./open.ts";

/** What was copied from one store to another and compared, by kind. */
export interface Moved {
  kinds: (Digest & { kind: RecordKind | "artifacts" })[];
  /** The number of kept versions whose bytes are at neither endpoint. */
  missing: number;
  /** Whether a server on the copy uses the same API key; `none` if the source has none. */
  key: "none" | "same" | "other";
}

export interface MoveOptions extends Beginning {
  /** Identifies the source; its endpoint's name by default. */
  name?: string;
  onStep?: (step: CopyStep | { what: "copied"; kind: "artifacts"; count: number }) => void;
  /** Completes the target with data outside of the store, before a server may open it. It may run again. */
  complete?: (target: Endpoint) => Promise<void>;
}

const keptVersions = async ({ port }: Endpoint): Promise<string[]> => {
  const kept = new Set<string>();
  for await (const { records } of port.kinds.versions.pages()) {
    for (const { sha256 } of records) kept.add(sha256);
  }
  return [...kept];
};

const moveKeys = async (from: Endpoint, to: Endpoint): Promise<Moved["key"]> => {
  const keys = await from.ownKeys();
  if (keys.shared === undefined && keys.first === undefined) return "none";
  return (await to.keepKeys(keys)) ? "same" : "other";
};

/**
 * Copies a store with the bytes of its versions, compares both, and only then removes the mark that keeps servers from the copy.
 * @throws HitagiError STORE_COPY_SELF, what {@link copyStore} throws, and STORE_IN_USE if a server uses one meanwhile
 */
export const moveStore = async (
  from: Endpoint,
  to: Endpoint,
  { name = from.name, onStep = () => {}, complete = async () => {}, ...beginning }: MoveOptions = {},
): Promise<Moved> => {
  if (from.name === to.name) throw new HitagiError("STORE_COPY_SELF");
  const compared = await copyStore({ source: from.port, target: to.port, name, onStep }, beginning);
  const kept = await keptVersions(from);
  const artifacts = await copyArtifacts(from.artifacts, to.artifacts, kept, () =>
    onStep({ what: "copied", kind: "artifacts", count: 1 }),
  );
  const key = await moveKeys(from, to);
  await complete(to);
  await Promise.all([from.refuseUse(), to.refuseUse()]);
  await to.port.setMark(undefined);
  const kinds = compared.map(({ kind, count, sha256 }) => ({ kind, count, sha256 }));
  const there = new Set(await to.artifacts.list());
  const missing = kept.filter((sha256) => !there.has(sha256)).length;
  return { kinds: [...kinds, { kind: "artifacts", ...artifacts }], missing, key };
};

export interface BetweenOptions extends EndpointOptions, Pick<MoveOptions, "again" | "onStep" | "complete"> {
  /** Whether the source may lack the bytes of all its kept versions; otherwise the data folder is probably a wrong one. */
  withoutBytes?: boolean;
}

/** @throws HitagiError STORE_COPY_NO_BYTES */
const refuseWithoutBytes = async ({ port, artifacts }: Endpoint): Promise<void> => {
  if ((await artifacts.list()).length > 0) return;
  for await (const { records } of port.kinds.versions.pages()) {
    if (records.length > 0) throw new HitagiError("STORE_COPY_NO_BYTES", { count: records.length });
  }
};

/**
 * Copies one store into another, while no server uses either.
 * @param from an address in the form of `HITAGI_STORE`
 * @throws HitagiError STORE_NOT_THERE, STORE_COPY_NO_BYTES, and what {@link moveStore} and the drivers throw
 */
export const moveBetween = async (from: string, to: string, options: BetweenOptions): Promise<Moved> => {
  const { again = false, onStep = () => {}, complete = async () => {}, withoutBytes = false } = options;
  // Two locks on one store would block each other.
  if (from === to) throw new HitagiError("STORE_COPY_SELF");
  const source = await openEndpoint(from, "source", options);
  try {
    if (!withoutBytes) await refuseWithoutBytes(source);
    const target = await openEndpoint(to, "target", { ...options, held: source.data });
    try {
      return await moveStore(source, target, { again, onStep, complete });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
};
