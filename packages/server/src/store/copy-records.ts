import { type RecordKind, recordKinds, type StorePort } from "./contract/record-streams.ts";
import { openSqlitePort } from "./sqlite/open.ts";

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

/**
 * Writes what a store holds into a SQLite store in a new file, while others may write into the first.
 * @throws HitagiError DISK_FULL, STORE_FAILED, and what the store throws that is read
 */
export const copyIntoFile = async (source: StorePort, file: string): Promise<void> => {
  const { store, port } = await openSqlitePort(file);
  try {
    await copyRecords({ source, target: port, name: "backup" });
    await port.setMark(undefined);
  } finally {
    await store.close();
  }
};
