import { HitagiError } from "@hitagi/contract";
import { type RecordKind, recordKinds, type StorePort } from "../store/contract/record-streams.ts";
import { type Digest, digestOf } from "./digest.ts";

/** How far a copy is: so many records of a kind were copied, or compared, since it was last told. */
export interface CopyStep {
  what: "copied" | "compared";
  kind: RecordKind;
  count: number;
}

export interface CopyDeps {
  source: StorePort;
  target: StorePort;
  /** Tells the source from all others; what was copied of another one is not gone on with. */
  name: string;
  onStep?: (step: CopyStep) => void;
}

const [FIRST] = recordKinds;
const quiet = (): void => {};

const copyKind = async <K extends RecordKind>(
  { source, target, name, onStep = quiet }: CopyDeps,
  kind: K,
  after: string | undefined,
): Promise<void> => {
  await target.setMark({ source: name, kind, position: after });
  for await (const { records, position } of source.kinds[kind].pages(after)) {
    await target.kinds[kind].put(records);
    // After it: a page that is put twice is there once.
    await target.setMark({ source: name, kind, position });
    onStep({ what: "copied", kind, count: records.length });
  }
};

/** Copies what the target's mark says is missing. The mark stays. */
export const copyRecords = async (deps: CopyDeps): Promise<void> => {
  const { kind = FIRST, position } = (await deps.target.mark()) ?? {};
  const from = recordKinds.indexOf(kind);
  for (const [n, each] of recordKinds.slice(from).entries()) {
    await copyKind(deps, each, n === 0 ? position : undefined);
  }
};

/** What both sides hold of a kind. */
export interface Compared extends Digest {
  kind: RecordKind;
  same: boolean;
}

/** Times that both sides are read: a set in Redis that shrinks may tell an entry twice. */
const READINGS = 3;

const compareKind = async (
  { source, target, onStep = quiet }: CopyDeps,
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
