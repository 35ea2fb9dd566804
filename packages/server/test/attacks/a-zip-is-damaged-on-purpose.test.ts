import { writeFile } from "node:fs/promises";
import { HitagiError } from "@hitagi/contract";
import fc from "fast-check";
import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import { fileOf, rawZip } from "../library/cbz.ts";
import { readZipEntry, zipEntries } from "../library/read-zip.ts";

const LIMIT = 64 * 1024;

/** Small real zips of every supported kind, so that mutations hit their structure. */
const seeds: Buffer[] = [
  Buffer.from(
    zipSync({ "a.jpg": strToU8("stored"), "b.txt": [strToU8("packed ".repeat(200)), { level: 9 }] }),
  ),
  Buffer.from(zipSync({ "bomb.jpg": new Uint8Array(400_000), "日本.png": strToU8("u") })),
  rawZip([
    { name: Buffer.from("c.jpg"), data: Buffer.from("described"), descriptor: true },
    { name: Buffer.from("d.jpg"), data: Buffer.from("plain") },
  ]),
  Buffer.from(zipSync({})),
];

/** One mutation: a byte, a field of four bytes, a truncation, a repeated or a removed range. */
const mutation = fc.record({
  kind: fc.constantFrom("byte", "field", "cut", "double", "remove"),
  at: fc.double({ min: 0, max: 0.9999, noNaN: true }),
  value: fc.oneof(fc.constantFrom(0, 1, 0xff, 0xffff, 0xffffffff, 0x7fffffff), fc.nat(0xffffffff)),
  length: fc.integer({ min: 1, max: 40 }),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

const mutate = (bytes: Buffer, { kind, at, value, length }: Mutation): Buffer => {
  const i = Math.floor(at * bytes.length);
  const copy = Buffer.from(bytes);
  if (kind === "byte" && copy.length > 0) copy.writeUInt8(value & 0xff, i);
  if (kind === "field" && i + 4 <= copy.length) copy.writeUInt32LE(value >>> 0, i);
  if (kind === "cut") return copy.subarray(0, i);
  const stretch = copy.subarray(i, i + length);
  if (kind === "double")
    return Buffer.concat([copy.subarray(0, i + length), stretch, copy.subarray(i + length)]);
  if (kind === "remove") return Buffer.concat([copy.subarray(0, i), copy.subarray(i + length)]);
  return copy;
};

/** Lists and reads all entries. Throws if an entry is oversized or fails with anything but a HitagiError. */
const exercise = async (file: string): Promise<void> => {
  const entries = await zipEntries(file);
  for (const { name } of entries.slice(0, 20)) {
    const bytes = await readZipEntry(file, name, LIMIT).catch(onlyHitagiErrors);
    if (bytes !== undefined && bytes.length > LIMIT) throw new Error(`${bytes.length} bytes were read`);
  }
};

const onlyHitagiErrors = (error: unknown): undefined => {
  if (!(error instanceof HitagiError)) throw error;
};

test("reading any mutated zip gives bytes or a HitagiError", async () => {
  const file = await fileOf(Buffer.alloc(0));
  const property = fc.asyncProperty(
    fc.constantFrom(...seeds),
    fc.array(mutation, { minLength: 1, maxLength: 6 }),
    async (seed, mutations) => {
      await writeFile(file, mutations.reduce(mutate, seed));
      await exercise(file).catch(onlyHitagiErrors);
    },
  );
  await fc.assert(property, { seed: 20_260_701, numRuns: 3_000 });
});

test("mutated end records and directories do not make the reader allocate more than 256 MiB", async () => {
  const file = await fileOf(Buffer.alloc(0));
  const before = process.memoryUsage().arrayBuffers;
  const property = fc.asyncProperty(
    fc.constantFrom(...seeds),
    fc.integer({ min: 1, max: 120 }),
    fc.constantFrom(0xffffffff, 0x7fffffff, 0xfffffffe, 0x00ffffff),
    async (seed, back, value) => {
      const copy = Buffer.from(seed);
      if (copy.length - back >= 0 && back >= 4) copy.writeUInt32LE(value, copy.length - back);
      await writeFile(file, copy);
      await exercise(file).catch(onlyHitagiErrors);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * 1024 * 1024);
    },
  );
  await fc.assert(property, { seed: 7, numRuns: 800 });
});
