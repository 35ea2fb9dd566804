import {
  type RecordKind,
  recordKinds,
  type StorePort,
  type StreamRecords,
} from "../../src/store/contract/record-streams.ts";
import { type Digest, digestOf } from "../../src/store-copy/digest.ts";

/** What a store holds, by kind. */
export const digests = async (side: StorePort): Promise<Record<string, Digest>> => {
  const found: [string, Digest][] = [];
  for (const kind of recordKinds) found.push([kind, await digestOf(side, kind)]);
  return Object.fromEntries(found);
};

/** A side that holds what is given, for its digests. */
export const holding = (all: { [K in RecordKind]: StreamRecords[K][] }): StorePort => {
  const passage = <R>(records: readonly R[]) => ({
    async *pages() {
      yield { records, position: "" };
    },
    put: async () => {},
  });
  const kinds = Object.fromEntries(recordKinds.map((kind) => [kind, passage<unknown>(all[kind])]));
  return { kinds } as unknown as StorePort;
};

/** All records of a kind. */
export const recordsOf = async <K extends RecordKind>(side: StorePort, kind: K, after?: string) => {
  const records: StreamRecords[K][] = [];
  for await (const page of side.kinds[kind].pages(after)) records.push(...page.records);
  return records;
};
