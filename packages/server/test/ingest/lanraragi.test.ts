import { HitagiError } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createLanraragiIngest, type LanraragiIngestDeps } from "../../src/ingest/lanraragi.ts";
import type { Look } from "../../src/library/library.ts";
import { openLibrary } from "../library/open-library.ts";

const { signal } = new AbortController();
const silent = { info: () => {}, warn: () => {} } as unknown as LanraragiIngestDeps["log"];

/** The polling of servers on one store, each with its own poll. */
const servers = async (...looks: Look[]) => {
  const { store } = await openLibrary();
  const rest = { enqueue: { forNewArchives: async () => {} }, events: { publish: () => {} } };
  return looks.map((look) => createLanraragiIngest({ ...rest, log: silent, store }, look));
};

test("of several servers the one that polled last polls again", async () => {
  const looked: string[] = [];
  const [a, b] = await servers(
    async () => void looked.push("a"),
    async () => void looked.push("b"),
  );
  for (let round = 0; round < 3; round++) await Promise.all([a?.(signal), b?.(signal)]);
  expect(looked).toEqual(["a", "a", "a"]);
});

test("a server that cannot reach the library leaves it to another", async () => {
  const looked: string[] = [];
  const [a, b] = await servers(
    async () => {
      looked.push("a");
      throw new HitagiError("LIBRARY_UNREACHABLE", { reason: "ECONNREFUSED" });
    },
    async () => void looked.push("b"),
  );
  await a?.(signal);
  await b?.(signal);
  await a?.(signal);
  await b?.(signal);
  expect(looked).toEqual(["a", "b", "b"]);
});
