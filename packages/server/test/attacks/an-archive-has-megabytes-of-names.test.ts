import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { createContainers } from "../../src/library/containers/containers.ts";
import { MAX_ENTRIES } from "../../src/library/containers/types.ts";
import { encodingOfNames } from "../../src/library/encoding-detection.ts";
import { filesByName } from "../../src/library/files-by-name.ts";
import { pagesIn } from "../../src/library/pages.ts";
import { fileOf, rawZip } from "../library/cbz.ts";
import { rar5 } from "../library/containers/rar.ts";
import { tarEntry } from "../library/containers/samples.ts";
import { processorTime, processorTimeOf } from "../support/processor-time.ts";

const MB = 1024 * 1024;
const page = Buffer.from("a page");
const containers = createContainers();
afterEach(() => containers.close());

/** A name of this many bytes, which repeats a pattern. No two have the same number. */
const nameOf = (n: number, bytes: number, pattern: string): Buffer => {
  const name = Buffer.alloc(bytes, pattern, "latin1");
  name.write(String(n).padStart(6, "0"));
  name.write(".jpg", bytes - 4);
  return name;
};
const names = (count: number, bytes: number, pattern: string): Buffer[] =>
  Array.from({ length: count }, (_, n) => nameOf(n, bytes, pattern));

const gnu = (name: Buffer): Buffer[] => [
  tarEntry(Buffer.from("././@LongLink"), Buffer.concat([name, Buffer.alloc(1)]), "NextFileHasLongPath"),
  tarEntry(Buffer.from("cut off"), page),
];
/** A record of POSIX: its length counts its own digits. */
const paxRecord = (field: string, value: Buffer): Buffer => {
  const rest = Buffer.concat([Buffer.from(` ${field}=`), value, Buffer.from("\n")]);
  const digits = String(rest.length + String(rest.length).length);
  return Buffer.concat([Buffer.from(String(rest.length + digits.length)), rest]);
};
const pax = (name: Buffer): Buffer[] => [
  tarEntry(Buffer.from("x"), paxRecord("path", name), "ExtendedHeader"),
  tarEntry(Buffer.from("cut off"), page),
];
const tarGz = (parts: readonly Buffer[]): Buffer =>
  gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]), { level: 1 });

const broken = (reason: RegExp) =>
  expect.objectContaining({ code: "ARCHIVE_BROKEN", message: expect.stringMatching(reason) });
const faultOf = async (bytes: Buffer): Promise<unknown> =>
  containers.entries(await fileOf(bytes, "comic.cbt")).catch((error: unknown) => error);

test.each([
  ["a tar with GNU's records", tarGz(names(20, 1_000_000, "/\x83").flatMap(gnu))],
  ["a tar with POSIX' records", tarGz(names(20, 1_000_000, "/ab").flatMap(pax))],
  ["a tar with one name of a byte too much", tarGz(gnu(nameOf(1, 4097, "a")))],
  ["a zip", rawZip(names(20, 65_535, "/\x83").map((name) => ({ name, data: page })))],
  ["a rar", rar5({ [nameOf(1, 4097, "a").toString()]: page })],
])("%s is refused for a name that no file can have", async (_, bytes) => {
  expect(await faultOf(bytes)).toEqual(broken(/a name in it is longer than 4096 bytes/));
});

test("names of the allowed length that have too many bytes together are refused", async () => {
  expect(await faultOf(tarGz(names(4100, 4096, "ab/").flatMap(gnu)))).toEqual(
    broken(/names are longer than 16777216 bytes/),
  );
});

test("records that are no names have a limit for all files", async () => {
  const records = tarEntry(
    Buffer.from("x"),
    paxRecord("comment", Buffer.alloc(MB - 100, "c")),
    "ExtendedHeader",
  );
  const file = Buffer.concat([records, tarEntry(Buffer.from("1.jpg"), page)]);
  expect(await faultOf(tarGz(Array.from({ length: 130 }, () => file)))).toEqual(
    broken(/records before its files are longer/),
  );
});

test("the longest allowed name is listed, and its file is read", async () => {
  const name = nameOf(1, 4096, "a/b").toString();
  for (const bytes of [tarGz(gnu(Buffer.from(name))), rawZip([{ name: Buffer.from(name), data: page }])]) {
    const file = await fileOf(bytes, "comic.cbt");
    expect(await containers.entries(file)).toEqual([{ name, size: page.length }]);
    expect(await containers.read(file, name, 100)).toEqual(page);
  }
});

test("the encoding of 16 MB of names is found in the time that 1 MB takes", async () => {
  for (const pattern of ["/\x83", "/", "\x95\x5c\x8e\x86"]) {
    const all = names(MAX_ENTRIES, 800, `\xe9${pattern.repeat(20)}`);
    const some = all.slice(0, MAX_ENTRIES / 16);
    expect(await encodingOfNames(all)).toBe(await encodingOfNames(some));
    const timeOfSome = await processorTimeOf(() => encodingOfNames(some));
    expect(await processorTimeOf(() => encodingOfNames(all))).toBeLessThan(4 * timeOfSome);
  }
});

test("other work gets its turn while many names are decoded", async () => {
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const files = await filesByName(names(MAX_ENTRIES, 800, "/ab"), (name) => name.toString("latin1"));
  isDone = true;
  expect(files.size).toBe(MAX_ENTRIES);
  expect(turns).toBeGreaterThan(100);
});

test.each([
  ["endless numbers", "1"],
  ["thousands of numbers", `${"1".repeat(63)}é`],
])("names with %s are sorted as fast as words", (_, pattern) => {
  const entriesOf = (text: string) =>
    Array.from({ length: 2000 }, (_, n) => ({
      name: `${text.repeat(800).slice(0, 800)}${(n * 7919) % 2000}.jpg`,
      size: 1,
    }));
  const [words, numbers] = [entriesOf("aé"), entriesOf(pattern)];
  expect(pagesIn(numbers)).toHaveLength(2000);
  expect(processorTime(() => pagesIn(numbers))).toBeLessThan(4 * processorTime(() => pagesIn(words)));
});
