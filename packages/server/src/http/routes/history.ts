import { Readable } from "node:stream";
import { api, type HistoryEntry } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";

const LINES = "application/x-ndjson";

const wantsLines = ({ headers }: FastifyRequest, format: string | undefined): boolean =>
  format === undefined ? (headers.accept ?? "").includes(LINES) : format === "jsonl";

const linesOf = async function* (entries: AsyncIterable<HistoryEntry>): AsyncGenerator<string> {
  for await (const entry of entries) yield `${JSON.stringify(entry)}\n`;
};

/** The history of changes. */
export const historyRoutes = (app: FastifyInstance, { history }: Services): void => {
  const { operation } = api.listHistory;
  handleRaw(app, "listHistory", async ({ query }, { request, reply }) => {
    const { page = 1, size = 50, format, ...filter } = query;
    if (wantsLines(request, format)) {
      return reply.type(`${LINES}; charset=utf-8`).send(Readable.from(linesOf(history.all(filter))));
    }
    const found = await history.list(filter, page, size);
    return reply.send({ operation, success: 1, error: null, page, size, ...found });
  });
};
