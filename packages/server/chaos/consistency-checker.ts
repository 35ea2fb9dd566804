/**
 * Finds the answers of a cluster that are inconsistent, from the recorded calls and their times alone.
 *
 * Each value that can be changed and read is a register: a plugin's active version, its settings, its flags, its newest
 * version on offer. Each write and each read takes effect between its begin and its end. The guarantee is that of a
 * multi-writer regular register (Lamport 1986, in the form of Shao, Welch, Pierce and Lee 2011): a read returns a write
 * that was not surely overwritten before the read began. During a write nodes may differ; once the call that made it has
 * returned, no call that begins may see the value before.
 */

export type Register = `${"version" | "mark" | "priority" | "newest"}:${string}`;

/** The version of a plugin that is not installed. */
export const ABSENT = "absent";

/** A change of one register. All times are milliseconds of one clock. */
export interface Write {
  register: Register;
  /** What it sets: one value, or each that it may have set where the answer did not say which. */
  values: readonly string[];
  begin: number;
  /** When it had surely taken effect or surely no longer could; infinite where it still may. */
  end: number;
  /** Whether it surely took effect. */
  done: boolean;
  /** What made it, in words, for the report. */
  by: string;
}

export interface Read {
  register: Register;
  value: string;
  begin: number;
  end: number;
  /** Who answered. */
  node: string;
  by: string;
}

export const readViolationKinds = [
  "old code",
  "not found after an install",
  "code after a removal",
  "old settings",
  "old flags",
  "old index",
  "never written",
] as const;
type ReadViolationKind = (typeof readViolationKinds)[number];

export interface ReadViolation {
  kind: ReadViolationKind;
  read: Read;
  /** The newest change that had surely been made when the read began. */
  expected: Write | undefined;
}

const isOverwritten = (write: Write, read: Read, writes: readonly Write[]): boolean =>
  writes.some(
    (later) => later !== write && later.done && later.begin >= write.end && later.end <= read.begin,
  );

/** Whether a read is consistent with all writes of its register that were ever begun. */
export const isAdmissible = (read: Read, writes: readonly Write[]): boolean =>
  writes.some(
    (write) =>
      write.values.includes(read.value) && write.begin <= read.end && !isOverwritten(write, read, writes),
  );

const newestBefore = (read: Read, writes: readonly Write[]): Write | undefined =>
  writes
    .filter((write) => write.done && write.end <= read.begin)
    .reduce<Write | undefined>((last, write) => (last && last.end > write.end ? last : write), undefined);

const kindOf = (read: Read, writes: readonly Write[], expected: Write | undefined): ReadViolationKind => {
  if (!writes.some((write) => write.values.includes(read.value) && write.begin <= read.end))
    return "never written";
  if (read.register.startsWith("mark:")) return "old settings";
  if (read.register.startsWith("priority:")) return "old flags";
  if (read.register.startsWith("newest:")) return "old index";
  if (read.value === ABSENT) return "not found after an install";
  return expected?.values.includes(ABSENT) ? "code after a removal" : "old code";
};

/** The reads that no write explains. A register's first value counts as a write before all reads. */
export const checkReads = (writes: readonly Write[], reads: readonly Read[]): ReadViolation[] => {
  const byRegister = new Map<Register, Write[]>();
  for (const write of writes) {
    const others = byRegister.get(write.register);
    if (others) others.push(write);
    else byRegister.set(write.register, [write]);
  }
  return reads.flatMap((read) => {
    const own = byRegister.get(read.register) ?? [];
    if (isAdmissible(read, own)) return [];
    const expected = newestBefore(read, own);
    return [{ kind: kindOf(read, own, expected), read, expected }];
  });
};
