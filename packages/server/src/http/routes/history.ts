import { Readable } from "node:stream";
import { api, archiveChange, type HistoryEntry } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Services } from "../../services.ts";
import { taskCodecs } from "../../tasks/task-args.ts";
import { handleRaw } from "../route.ts";

const LINES = "application/x-ndjson";

const wantsLines = ({ headers }: FastifyRequest, format: string | undefined): boolean =>
  format === undefined ? (headers.accept ?? "").includes(LINES) : format === "jsonl";

const linesOf = async function* (entries: AsyncIterable<HistoryEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
};

/** An entry with what its batch changed in an archive. */
const withBatchChange =
  (batches: Services["store"]["batches"], archive: string) =>
  async (entry: HistoryEntry): Promise<HistoryEntry> => {
    if (entry.action !== taskCodecs.runBatch.name || entry.job === null) return entry;
    const { before, after } = (await batches.get(entry.job, archive)) ?? {};
    if (!before || !after) return entry;
    return { ...entry, details: { ...entry.details, change: archiveChange(before, after) } };
  };

/** The history of changes. */
export const historyRoutes = (app: FastifyInstance, { history, store }: Services): void => {
  const { operation } = api.listHistory;
  handleRaw(app, "listHistory", async ({ query }, { request, reply }) => {
    const { page = 1, size = 50, format, ...filter } = query;
    if (wantsLines(request, format)) {
      return reply.type(`${LINES}; charset=utf-8`).send(Readable.from(linesOf(history.all(filter))));
    }
    const { total, items } = await history.list(filter, page, size);
    const shown = filter.archive
      ? await Promise.all(items.map(withBatchChange(store.batches, filter.archive)))
      : items;
    return reply.send({ operation, success: 1, error: null, page, size, total, items: shown });
  });
};
