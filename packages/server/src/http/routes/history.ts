import { Readable } from "node:stream";
import { api, archiveChange, type BatchItem, type HistoryEntry } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Services } from "../../services.ts";
import { taskCodecs } from "../../tasks/task-args.ts";
import { handleRaw } from "../route.ts";
import { withWholeIds } from "./history-archives.ts";

const LINES = "application/x-ndjson";

const wantsLines = ({ headers }: FastifyRequest, format: string | undefined): boolean =>
  format === undefined ? (headers.accept ?? "").includes(LINES) : format === "jsonl";

type Shown = (entry: HistoryEntry) => Promise<HistoryEntry>;

const linesOf = async function* (entries: AsyncIterable<HistoryEntry>, shown: Shown): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(await shown(entry))}\n`;
};

/** The batch that an entry is about; undefined for none. */
const batchOf = ({ action, job, subject }: HistoryEntry): number | undefined => {
  if (action === taskCodecs.runBatch.name) return job ?? undefined;
  return action === taskCodecs.undoBatch.name ? Number(subject?.id) : undefined;
};

/** What the run of a batch made of an archive; an undo overwrites the noted outcome. */
const outcomeBefore = ({ outcome, errors }: BatchItem): BatchItem["outcome"] => {
  if (outcome !== "undone" && outcome !== "kept") return outcome;
  return errors.some(({ plugin }) => plugin !== null) ? "failed" : "changed";
};

/** An entry with what its batch, or the undo of one, did to an archive, in place of the counts of all archives. */
const ofArchive =
  (batches: Services["store"]["batches"], archive: string): Shown =>
  async (entry) => {
    const batch = batchOf(entry);
    const item = batch === undefined ? undefined : await batches.get(batch, archive);
    if (item === undefined) return entry;
    const { counts: _, ...details } = entry.details ?? {};
    const isUndo = entry.action === taskCodecs.undoBatch.name;
    const outcome = isUndo ? item.outcome : outcomeBefore(item);
    const { before, after, title } = item;
    const [from, to] = isUndo ? [after, before] : [before, after];
    const isChanged = from && to && outcome !== "kept";
    const subject = entry.subject ?? { kind: "archive" as const, id: archive };
    return {
      ...entry,
      subject,
      details: {
        ...details,
        ...(entry.subject === null && title !== undefined && { name: title }),
        outcome,
        ...(isChanged && { change: archiveChange(from, to) }),
      },
    };
  };

/** The history of changes. */
export const historyRoutes = (app: FastifyInstance, services: Services): void => {
  const { history, store } = services;
  const { operation } = api.listHistory;
  handleRaw(app, "listHistory", async ({ query }, { request, reply }) => {
    const { page = 1, size = 50, format, ...asked } = query;
    const filter = await withWholeIds(services, asked);
    const shown: Shown = filter.archive ? ofArchive(store.batches, filter.archive) : async (entry) => entry;
    if (wantsLines(request, format)) {
      return reply.type(`${LINES}; charset=utf-8`).send(Readable.from(linesOf(history.all(filter), shown)));
    }
    const { total, items } = await history.list(filter, page, size);
    return reply.send({
      operation,
      success: 1,
      error: null,
      page,
      size,
      total,
      items: await Promise.all(items.map(shown)),
    });
  });
};
