import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { MAX_PREVIOUS, verifyHead } from "@hitagi/trust";
import { fileOf } from "../../trust/test/fixture.ts";
import { sha256Of } from "../src/disk/sha256.ts";
import { compare } from "./compare.ts";
import { withServices } from "./in-process.ts";
import { type BenchOptions, compared, type Row } from "./measure.ts";
import { largeRegistry } from "./refresh.ts";

/** The first refreshes start the worker thread and warm the parser. */
const WARMUP = 2;
/** Verifications of a round: one takes too little time to be measured. */
const TIMES = 10;

/** Milliseconds of processor that this process, with all its threads, used for some work. */
const processorMs = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

/** The head of a number, with as many heads before it as one may name. */
const headFile = (sequence: number, index: string): Buffer => {
  const count = Math.min(MAX_PREVIOUS, sequence - 1);
  const previous = Array.from({ length: count }, (_, n) => ({
    sequence: sequence - 1 - n,
    sha256: "a".repeat(64),
  }));
  return fileOf({ sequence, index, previous });
};

/**
 * Verifying the head of a registry of 10,000 × 5 versions, and that its index is the one that the head names, against the whole
 * refresh of a signed index; both as processor time.
 */
export const benchSigned = ({ quick, tries }: BenchOptions): Promise<Row[]> =>
  withServices(async ({ registries, catalog }) => {
    const { folder, file } = await largeRegistry();
    const bytes = await readFile(file);
    const index = sha256Of(bytes);
    const { id } = await registries.create({ name: "signed", provider: "local", path: folder });
    const measure = async (round: number) => {
      // Each head is too far from the one before to be compared by its text, and is taken.
      const head = headFile(100 * (round + 1), index);
      await writeFile(path.join(folder, "registry.head"), head);
      const verified = await processorMs(() => {
        for (let n = 0; n < TIMES; n++) {
          if (verifyHead(head).index !== sha256Of(bytes)) throw new Error("the head names another index");
        }
      });
      return { value: verified / TIMES, floor: await processorMs(() => catalog.refresh(id)) };
    };
    for (let round = 0; round < WARMUP; round++) await measure(round);
    const found = await compare(quick ? 5 : 9, (round) => measure(WARMUP + round), tries);
    const name = "verifying a signed head and its index (10,000 × 5), processor time, against the refresh";
    return [compared("signed", name, "ms", found)];
  });
