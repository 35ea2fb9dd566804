import { HitagiError } from "@hitagi/contract";
import type { TransferKind } from "../contract/transfer.ts";
import { copyArtifacts } from "./artifacts.ts";
import { type Beginning, type CopyStep, copyStore } from "./copy.ts";
import type { Digest } from "./digest.ts";
import type { TransferEnd } from "./end.ts";

/** What was brought from one store to another, by kind, and compared there. */
export interface Moved {
  kinds: (Digest & { kind: TransferKind | "artifacts" })[];
  /** Kept versions whose bytes the source lacks. */
  missing: number;
  /** Whether the source has an API key that another program keeps there, and what came of it. */
  sharedKey: "none" | "copied" | "left";
}

export interface MoveOptions extends Beginning {
  /** Tells the source from all others; by default its place does. */
  name?: string;
  onStep?: (step: CopyStep | { what: "copied"; kind: "artifacts"; count: number }) => void;
}

/** Kept versions without bytes: they cannot be rolled back to. */
const missingOf = async ({ side, artifacts }: TransferEnd): Promise<number> => {
  const wanted = new Set<string>();
  for await (const { records } of side.kinds.versions.pages()) {
    for (const { sha256 } of records) wanted.add(sha256);
  }
  for (const sha256 of await artifacts.list()) wanted.delete(sha256);
  return wanted.size;
};

const moveKey = async (from: TransferEnd, to: TransferEnd): Promise<Moved["sharedKey"]> => {
  const key = await from.sharedKey();
  if (key === undefined) return "none";
  return (await to.keepSharedKey(key)) ? "copied" : "left";
};

/**
 * Copies a store with the bytes of its versions, compares both, and only then takes the mark away that keeps servers from the copy.
 * @throws HitagiError STORE_COPY_SELF, what {@link copyStore} throws, and STORE_IN_USE where a server came meanwhile
 */
export const moveStore = async (
  from: TransferEnd,
  to: TransferEnd,
  { name = from.name, onStep = () => {}, ...beginning }: MoveOptions = {},
): Promise<Moved> => {
  if (from.name === to.name) throw new HitagiError("STORE_COPY_SELF");
  const compared = await copyStore({ source: from.side, target: to.side, name, onStep }, beginning);
  const artifacts = await copyArtifacts(from.artifacts, to.artifacts, () =>
    onStep({ what: "copied", kind: "artifacts", count: 1 }),
  );
  const sharedKey = await moveKey(from, to);
  await Promise.all([from.refuseUse(), to.refuseUse()]);
  await to.side.setMark(undefined);
  const kinds = compared.map(({ kind, count, sha256 }) => ({ kind, count, sha256 }));
  return {
    kinds: [...kinds, { kind: "artifacts", ...artifacts }],
    missing: await missingOf(to),
    sharedKey,
  };
};
