import { sha256Of } from "../disk/sha256.ts";
import type { RecordKind, StorePort, StreamRecords } from "../store/contract/record-streams.ts";
import { throughUtf8 } from "../store/through-utf8.ts";

/** Equal for two stores that have the same records of a kind. */
export interface Digest {
  count: number;
  /** SHA-256, hex, of the records; see {@link createDigest}. */
  sha256: string;
}

const WIDTH = 64;
const MODULUS = 1n << 256n;

/** The canonical text of a value: fields sorted by name, without undefined ones; bytes by hash. */
export const canonical = (value: unknown): string => {
  if (Buffer.isBuffer(value)) return `sha256:${sha256Of(value)}`;
  if (typeof value === "string") return JSON.stringify(throughUtf8(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value)
    .filter(([, held]) => held !== undefined)
    .map(([name, held]) => `${canonical(name)}:${canonical(held)}`);
  return `{${fields.sort().join()}}`;
};

/** The kinds whose order counts, each with the group within which records are ordered. */
const ordered: { [K in RecordKind]?: (record: StreamRecords[K]) => string } = {
  registries: () => "",
  versions: ({ namespace }) => namespace,
  batches: ({ job }) => String(job),
  archives: () => "",
  keys: () => "",
  cache: ({ namespace }) => namespace,
};

/**
 * Adds up the SHA-256 of each record modulo 2^256, so that the order in which a driver reads them does not matter. If the order
 * counts, each record's place is hashed with it. It detects faults, not forgeries.
 */
export const createDigest = <R>(groupOf: ((record: R) => string) | undefined) => {
  let [count, sum, place] = [0, 0n, 0];
  let group: string | undefined;
  return {
    add(record: R): void {
      const found = groupOf?.(record);
      place = found === group ? place + 1 : 0;
      group = found;
      const text = groupOf ? `${place} ${canonical(record)}` : canonical(record);
      sum = (sum + BigInt(`0x${sha256Of(text)}`)) % MODULUS;
      count += 1;
    },
    end: (): Digest => ({ count, sha256: sum.toString(16).padStart(WIDTH, "0") }),
  };
};

/** Reads all records of a kind for their digest. */
export const digestOf = async <K extends RecordKind>(
  port: StorePort,
  kind: K,
  onRecords: (count: number) => void = () => {},
): Promise<Digest> => {
  const digest = createDigest<StreamRecords[K]>(ordered[kind]);
  for await (const { records } of port.kinds[kind].pages()) {
    for (const record of records) digest.add(record);
    onRecords(records.length);
  }
  return digest.end();
};
