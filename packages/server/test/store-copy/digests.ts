import {
  type TransferKind,
  type TransferRecords,
  type TransferSide,
  transferKinds,
} from "../../src/store/contract/record-streams.ts";
import { type Digest, digestOf } from "../../src/store-copy/digest.ts";

/** What a store holds, by kind. */
export const digests = async (side: TransferSide): Promise<Record<string, Digest>> => {
  const found: [string, Digest][] = [];
  for (const kind of transferKinds) found.push([kind, await digestOf(side, kind)]);
  return Object.fromEntries(found);
};

/** A side that holds what is given, for its digests. */
export const holding = (all: { [K in TransferKind]: TransferRecords[K][] }): TransferSide => {
  const passage = <R>(records: readonly R[]) => ({
    async *pages() {
      yield { records, position: "" };
    },
    put: async () => {},
  });
  const kinds = Object.fromEntries(transferKinds.map((kind) => [kind, passage<unknown>(all[kind])]));
  return { kinds } as unknown as TransferSide;
};

/** All records of a kind. */
export const recordsOf = async <K extends TransferKind>(side: TransferSide, kind: K, after?: string) => {
  const records: TransferRecords[K][] = [];
  for await (const page of side.kinds[kind].pages(after)) records.push(...page.records);
  return records;
};
