import { type PluginLogLine, toNamespace } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Services } from "../../services.ts";
import type { EventStream } from "../event-stream.ts";
import { type OpenStreams, positionOf } from "../open-streams.ts";
import { handle, handleRaw } from "../route.ts";

const sendLine = ({ send }: EventStream, line: PluginLogLine): void => send({ ...line, kind: "line" });

/** The id of the last line that a client has seen; undefined for none. */
const lastSeen = (request: FastifyRequest, after: number | undefined): number | undefined => {
  const position = positionOf(request, after?.toString());
  return position !== undefined && /^\d{1,16}$/.test(position) ? Number(position) : undefined;
};

/** The logs of plugins: their pages and their streams. */
export const pluginLogRoutes = (
  app: FastifyInstance,
  { plugins, pluginLogs, log }: Pick<Services, "plugins" | "pluginLogs" | "log">,
  streams: OpenStreams,
): void => {
  handle(app, "listPluginLog", async ({ params, query: { size = 100, ...filter } }) => {
    const namespace = toNamespace(params.namespace);
    const page = await pluginLogs.page(namespace, filter, size);
    // The log of a plugin outlives it.
    if (page.items.length === 0 && (await pluginLogs.end(namespace)) === 0) await plugins.record(namespace);
    return page;
  });
  handleRaw(app, "streamPluginLog", async ({ params, query }, { request, reply }) => {
    const namespace = toNamespace(params.namespace);
    const { after, size = 0, ...filter } = query;
    const end = await pluginLogs.end(namespace);
    if (end === 0) await plugins.record(namespace);
    return streams.answer(request, reply, async (stream, signal) => {
      const seen = lastSeen(request, after);
      stream.send({ id: seen ?? end, kind: "ready" });
      const newest =
        seen === undefined && size > 0
          ? await pluginLogs.page(namespace, { ...filter, before: end + 1 }, size)
          : { items: [] };
      for (const line of newest.items) sendLine(stream, line);
      const follow = async (): Promise<void> => {
        for await (const line of pluginLogs.follow(namespace, filter, seen ?? end, signal)) {
          sendLine(stream, line);
          await stream.drained();
        }
      };
      void follow().catch((err: unknown) => {
        log.warn({ err, plugin: namespace }, "the stream of a plugin's log ended");
        stream.end();
      });
    });
  });
};
