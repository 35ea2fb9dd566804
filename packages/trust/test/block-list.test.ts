import { expect, test } from "vitest";
import { type BlockEntry, publicKeyOf, readBlockList, signBlockList, verifierKey } from "../src/index.ts";
import { signNote } from "../src/note.ts";
import { seedOf } from "./fixture.ts";

const name = "example.org/blocks";
const seed = seedOf("blocks");
const key = verifierKey(name, publicKeyOf(seed));
const list = (entries: readonly BlockEntry[], sequence = 1) => ({
  ...{ name, key, sequence, time: "2026-11-29T12:00:00Z", entries },
});
const entries: BlockEntry[] = [
  { action: "block", kind: "namespace", value: "thief", reason: "sends sessions away" },
  { action: "warn", kind: "hash", value: `sha256:${"0".repeat(64)}`, reason: "crashes" },
  { action: "block", kind: "owner", value: "github.com/evil-*", reason: "all of them" },
];
const signed = (text: string) => Buffer.from(signNote(text, name, seed));
const read = (text: string, pinned?: string) => readBlockList(signed(text), pinned);

test("a signed list is read as it was written, by its own key or by the pinned one", () => {
  const bytes = Buffer.from(signBlockList(list(entries), seed));
  for (const pinned of [undefined, key.text])
    expect(readBlockList(bytes, pinned)).toMatchObject({ name, sequence: 1, entries, ignored: 0 });
});

test("entries of later kinds are counted, and do not hide the others", () => {
  const text = signBlockList(list(entries), seed).split("\n\n")[0];
  expect(read(`${text}\nblock colour red it hurts\n`)).toMatchObject({ entries, ignored: 1 });
});

test("a list with changed bytes, another key or a broken line is refused", () => {
  const note = signBlockList(list(entries), seed);
  const code = (act: () => unknown) => {
    try {
      return act();
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(code(() => readBlockList(Buffer.from(note.replace("thief", "saint"))))).toBe("SIGNATURE_UNKNOWN");
  const other = verifierKey(name, publicKeyOf(seedOf("other"))).text;
  expect(code(() => readBlockList(Buffer.from(note), other))).toBe("HEAD_INVALID");
  const text = note.split("\n\n")[0];
  for (const line of [
    "block namespace Thief it steals",
    "ban namespace thief it steals",
    "block namespace thief",
  ])
    expect(code(() => read(`${text}\n${line}\n`))).toBe("HEAD_INVALID");
  expect(code(() => read(`${text?.replace("v1", "v2")}\n`))).toBe("HEAD_INVALID");
});
