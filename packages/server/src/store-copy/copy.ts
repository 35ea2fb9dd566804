import { HitagiError } from "@hitagi/contract";
import { type RecordKind, recordKinds } from "../store/contract/record-streams.ts";
import { type CopyDeps, copyRecords } from "../store/copy-records.ts";
import { type Digest, digestOf } from "./digest.ts";

const [FIRST] = recordKinds;

/** What both sides hold of a kind. */
export interface Compared extends Digest {
  kind: RecordKind;
  same: boolean;
}

/** Times that both sides are read: a set in Redis that shrinks may tell an entry twice. */
const READINGS = 3;

const compareKind = async (
  { source, target, onStep = () => {} }: CopyDeps,
  kind: RecordKind,
): Promise<Compared> => {
  const onRecords = (count: number): void => onStep({ what: "compared", kind, count });
  for (let left = READINGS; ; left--) {
    const [there, here] = await Promise.all([digestOf(source, kind), digestOf(target, kind, onRecords)]);
    const same = there.count === here.count && there.sha256 === here.sha256;
    if (same || left === 1) return { kind, ...here, same };
  }
};

const compareAll = async (deps: CopyDeps): Promise<Compared[]> => {
  const compared: Compared[] = [];
  for (const kind of recordKinds) compared.push(await compareKind(deps, kind));
  return compared;
};

/** What stands in the target when a copy begins. */
export interface Beginning {
  /** Whether all that the target holds goes; else it must be empty. */
  replace?: boolean;
  /** Whether what a copy before left is not gone on with but removed. */
  again?: boolean;
}

/** Removes all, once it is noted that the store is not whole: whatever ends the process in between, it is removed again. */
const beginAnew = async ({ target, name }: CopyDeps): Promise<void> => {
  await target.setMark({ source: name, kind: FIRST });
  await target.clear();
};

/** @throws HitagiError STORE_NOT_EMPTY, STORE_COPY_OTHER */
const begin = async (deps: CopyDeps, { replace = false, again = false }: Beginning): Promise<void> => {
  const mark = await deps.target.mark();
  if (mark && mark.source !== deps.name && !again && !replace) throw new HitagiError("STORE_COPY_OTHER");
  if (!mark && !replace) {
    const first = await deps.target.first();
    if (first !== undefined) throw new HitagiError("STORE_NOT_EMPTY", { first });
  }
  const goesOn = mark?.source === deps.name && !again && (mark.kind !== FIRST || mark.position !== undefined);
  if (!goesOn) await beginAnew(deps);
};

/**
 * Copies a store and compares both by count and hash. One that was cut off goes on where it was. The target keeps its mark, for whoever
 * has more to bring into it.
 * @returns what both hold
 * @throws HitagiError STORE_NOT_EMPTY, STORE_COPY_OTHER; STORE_COPY_DIFFERS where something writes into one of them; what
 *   the drivers throw
 */
export const copyStore = async (deps: CopyDeps, beginning: Beginning = {}): Promise<Compared[]> => {
  await begin(deps, beginning);
  // The source may have been used since a copy was cut off: then all of it is copied anew.
  for (let left = 2; ; left--) {
    await copyRecords(deps);
    const compared = await compareAll(deps);
    const kinds = compared.filter(({ same }) => !same).map(({ kind }) => kind);
    if (kinds.length === 0) return compared;
    if (left === 1) throw new HitagiError("STORE_COPY_DIFFERS", { kinds: kinds.join(", ") });
    await beginAnew(deps);
  }
};
