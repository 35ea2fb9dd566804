import { readBlockList } from "@hitagi/trust";
import { expect, test } from "vitest";
import { httpServer } from "../support/http-server.ts";
import { openKeysWorld } from "./keys-world.ts";

const THIEF = "block namespace thief It sends sessions away.";
const SLOW = `warn hash sha256:${"0".repeat(64)} It is slow.`;

/** A key, a file of entries, and what signs it. */
const withKey = async () => {
  const world = await openKeysWorld();
  await world.keygen();
  const sign = (...more: string[]) =>
    world.run(["registry", "sign-blocks", "entries.txt", "--key", "key", "--out", "blocks.txt", ...more]);
  const edition = async () => readBlockList(Buffer.from(await world.read("blocks.txt")));
  return { ...world, sign, edition };
};

test("each edition follows the one in its file, says what changed, and is signed by the key that is printed", async () => {
  const { write, sign, edition } = await withKey();
  await write("entries.txt", `# What hurt people\n${THIEF}\n\n`);
  const first = await sign();
  expect([first.code, first.err]).toEqual([0, ""]);
  expect(first.out).toContain(
    "Signed edition 1 of example.org/plugins: 1 entries.\n  + block namespace thief",
  );
  const { key, entries } = await edition();
  expect(first.out).toContain(`\n${key.text}\n`);
  expect(entries).toEqual([
    { action: "block", kind: "namespace", value: "thief", reason: "It sends sessions away." },
  ]);

  await write("entries.txt", `${SLOW}\n`);
  expect((await sign("--json")).json).toMatchObject({
    ...{ sequence: 2, signed: true },
    ...{ added: [SLOW], removed: [THIEF] },
  });
  expect(await edition()).toMatchObject({ sequence: 2, key });
  expect((await sign()).out).toBe("Nothing changed since edition 2 of example.org/plugins.\n");
});

test("a dry run says what would be signed, and writes nothing", async () => {
  const { write, sign, read } = await withKey();
  await write("entries.txt", THIEF);
  expect((await sign("--dry-run")).out).toMatch(
    /^Would sign edition 1 of .*\n {2}\+ block namespace thief .*\n$/,
  );
  await expect(read("blocks.txt")).rejects.toMatchObject({ code: "ENOENT" });
});

test("a lost file is followed from what is published", async () => {
  const { write, sign, edition, read } = await withKey();
  await write("entries.txt", THIEF);
  await sign();
  const published = await read("blocks.txt");
  const address = await httpServer((_, response) => void response.end(published));
  await write("blocks.txt", "lost");
  await write("entries.txt", SLOW);
  expect((await sign()).err).toContain("The edition before is refused");
  await sign("--published", `${address}/blocks.txt`);
  expect((await edition()).sequence).toBe(2);
});

test.each([
  ["ban namespace thief It steals.", "Line 2 is refused: a line is no entry of a block list."],
  ["block namespace Thief It steals.", "Line 2 is refused: the value of a namespace is not valid."],
  ["block colour red It hurts.", "Line 2 is of no known kind."],
  ["block namespace thief", "Line 2 is refused: a line is no entry of a block list."],
])("the line %j is refused by its number", async (line, message) => {
  const { write, sign } = await withKey();
  await write("entries.txt", `# a comment\n${line}\n`);
  const { code, err } = await sign();
  expect([code, err]).toEqual([1, expect.stringContaining(message)]);
});

test("another key does not continue a list", async () => {
  const { write, sign, keygen, run } = await withKey();
  await write("entries.txt", THIEF);
  await sign();
  await keygen("other", "other-paper");
  await write("entries.txt", SLOW);
  const other = ["--key", "other", "--out", "blocks.txt"];
  const { code, err } = await run(["registry", "sign-blocks", "entries.txt", ...other]);
  expect([code, err]).toEqual([1, expect.stringContaining("signed by another key than the pinned one")]);
});
