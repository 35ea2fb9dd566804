import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { verifyHead } from "../src/index.ts";
import { cases } from "./cases.ts";
import { successions } from "./successions.ts";

const file = path.resolve(import.meta.dirname, "../vectors.json");

/** One is longer than a file of vectors should be. */
const published = cases.filter((one) => one.file.length < 16 * 1024);
const written = `${JSON.stringify(
  {
    heads: published.map(({ name, file, outcome }) => ({ name, outcome, head: file.toString("base64") })),
    successions: successions.map(({ name, next, accepted, outcome }) => ({
      ...{ name, outcome, head: next.toString("base64") },
      accepted: accepted?.toString("base64") ?? null,
    })),
  },
  null,
  2,
)}\n`;

test("the published vectors are those that the tests use", () => {
  if (process.env.UPDATE_VECTORS === "1") writeFileSync(file, written);
  expect(readFileSync(file, "utf8")).toBe(written);
});

const hasPython = (): boolean => {
  try {
    execFileSync("python3", ["-c", "import cryptography"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** `ok` with the hash of the text, or the code. */
const ours = (bytes: Uint8Array): string => {
  try {
    return `ok ${verifyHead(bytes).sha256}`;
  } catch (e) {
    return (e as { code: string }).code;
  }
};

/** Files that differ from valid ones in one byte, in a fixed order. */
const damaged = cases.slice(0, 2).flatMap(({ file: valid }) =>
  Array.from({ length: valid.length }, (_, at) => {
    const bytes = Buffer.from(valid);
    bytes[at] = (bytes[at] ?? 0) ^ (1 + ((at * 7) % 255));
    return bytes;
  }),
);

test.skipIf(!process.env.CI && !hasPython())(
  "a program in Python that follows the page answers the same",
  () => {
    const files = [...cases.map((one) => one.file), ...damaged];
    const answers = execFileSync("python3", [path.join(import.meta.dirname, "verify_head.py")], {
      input: files.map((bytes) => `${bytes.toString("base64")}\n`).join(""),
      encoding: "utf8",
      maxBuffer: 16 * 1024 * 1024,
    });
    expect(answers.trimEnd().split("\n")).toEqual(files.map(ours));
  },
);
