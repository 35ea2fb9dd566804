import { type RecordKind, recordKinds, type StorePort } from "./contract/record-streams.ts";
import { openSqlitePort } from "./sqlite/open.ts";

/** The progress of a copy since the last step. */
export interface CopyStep {
  what: "copied" | "compared";
  kind: RecordKind;
  count: number;
}

export interface CopyDeps {
  source: StorePort;
  target: StorePort;
  /** Identifies the source. A copy of another source is not continued. */
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
    // After the page: a page that is put twice exists once.
    await target.setMark({ source: name, kind, position });
    onStep({ what: "copied", kind, count: records.length });
  }
};

/** Copies what the target's mark says is missing. Leaves the mark. */
export const copyRecords = async (deps: CopyDeps): Promise<void> => {
  const { kind = FIRST, position } = (await deps.target.mark()) ?? {};
  const from = recordKinds.indexOf(kind);
  for (const [n, each] of recordKinds.slice(from).entries()) {
    await copyKind(deps, each, n === 0 ? position : undefined);
  }
};

/**
 * Copies a store into a SQLite store in a new file. The source may be written meanwhile.
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
