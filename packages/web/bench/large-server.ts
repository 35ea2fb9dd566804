import path from "node:path";
import type { HistoryEntry } from "@hitagi/contract";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { addRegistry } from "../../server/bench/plugins.ts";
import { largeRegistry } from "../../server/bench/refresh.ts";
import { type BenchServer, startServer } from "../../server/bench/server.ts";
import { openEndpoint } from "../../server/src/store-copy/open.ts";

const [ARCHIVES, ENTRIES] = [100_000, 100_000];
const AT_ONCE = 500;

const hex = (n: number): string => n.toString(16).padStart(40, "0");

const archive = (n: number) => ({
  ...{ id: hex(n), file: `folder ${n % 100}/archive ${n}.cbz`, title: `The title of archive ${n}` },
  tags: Array.from({ length: 12 }, (_, tag) => `kind-${tag}:value ${(n * 7 + tag) % 1000}`).join(", "),
  ...{ summary: "", size: 50_000_000 + n, pages: 20 + (n % 200), added: 1_700_000_000 + n },
});

const entry = (id: number, { archives, entries }: { archives: number; entries: number }): HistoryEntry => ({
  ...{ id, time: Date.now() / 1000 - (entries - id), actor: { kind: "api", key: "phone" } },
  ...{ action: "update_metadata", subject: { kind: "archive", id: hex(id % archives) } },
  ...{ outcome: id % 9 === 0 ? "ARCHIVE_NOT_FOUND" : "ok", ms: 3, job: null },
});

/** The numbers from one on, in parts of bounded size. */
const parts = (from: number, count: number): number[][] =>
  Array.from({ length: Math.ceil(count / AT_ONCE) }, (_, part) =>
    Array.from({ length: Math.min(AT_ONCE, count - part * AT_ONCE) }, (_, n) => from + part * AT_ONCE + n),
  );

/** Writes archives without files, and entries of the history, into the store of a server that does not run. */
export const fillStore = async (
  data: string,
  count: { archives: number; entries: number },
): Promise<void> => {
  const store = `sqlite:${path.join(data, "hitagi.db")}`;
  const { port, close } = await openEndpoint(store, "target", { readIndex: async () => undefined });
  for (const numbers of parts(0, count.archives)) await port.kinds.archives.put(numbers.map(archive));
  for (const numbers of parts(1, count.entries))
    await port.kinds.history.put(numbers.map((id) => entry(id, count)));
  await port.kinds.counters.put([{ name: "history", value: count.entries }]);
  await close();
};

/** A server with 10,000 plugins in a registry, and 100,000 archives and entries of the history in its store. */
export const startLargeServer = async (): Promise<BenchServer> => {
  const data = ownFolder("hitagi-bench-page-");
  await fillStore(data, { archives: ARCHIVES, entries: ENTRIES });
  const server = await startServer(data, { HITAGI_HISTORY_ENTRIES: String(2 * ENTRIES) });
  await addRegistry(server.client, (await largeRegistry()).folder);
  return server;
};
