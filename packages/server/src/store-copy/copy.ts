import { HitagiError } from "@hitagi/contract";
import { type RecordKind, recordKinds } from "../store/contract/record-streams.ts";
import { type CopyDeps, copyRecords } from "../store/copy-records.ts";
import { type Digest, digestOf } from "./digest.ts";

const [FIRST] = recordKinds;

/** The digest of a kind at the target, and whether the source has the same. */
export interface Compared extends Digest {
  kind: RecordKind;
  same: boolean;
}

/** Times that both are read: Redis may answer an entry of a shrinking set twice. */
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

export interface Beginning {
  /** Whether all records of the target are removed; otherwise it must be empty. */
  replace?: boolean;
  /** Whether an unfinished copy is started again; otherwise it is continued. */
  again?: boolean;
}

/** Removes all records after the mark is set, so that an interrupted removal is repeated. */
const restart = async ({ target, name }: CopyDeps): Promise<void> => {
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
  const isContinued =
    mark?.source === deps.name && !again && (mark.kind !== FIRST || mark.position !== undefined);
  if (!isContinued) await restart(deps);
};

/**
 * Copies a store and compares both by count and hash. An interrupted copy is continued. The target keeps its mark until the caller
 * has completed it.
 * @returns the digests of both
 * @throws HitagiError STORE_NOT_EMPTY, STORE_COPY_OTHER; STORE_COPY_DIFFERS if one of them is written meanwhile; what
 *   the drivers throw
 */
export const copyStore = async (deps: CopyDeps, beginning: Beginning = {}): Promise<Compared[]> => {
  await begin(deps, beginning);
  // If the source was used since the copy was interrupted, all of it is copied again.
  for (let left = 2; ; left--) {
    await copyRecords(deps);
    const compared = await compareAll(deps);
    const kinds = compared.filter(({ same }) => !same).map(({ kind }) => kind);
    if (kinds.length === 0) return compared;
    if (left === 1) throw new HitagiError("STORE_COPY_DIFFERS", { kinds: kinds.join(", ") });
    await restart(deps);
  }
};
