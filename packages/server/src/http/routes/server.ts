import { hostname } from "node:os";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { shownSettings } from "../../config/shown-settings.ts";
import type { Services } from "../../services.ts";
import { serverInfo } from "../../version.ts";
import { handle, handleRaw } from "../route.ts";

/** The server's information in LANraragi's form, the nodes of its cluster, and backups. */
export const serverRoutes = (
  app: FastifyInstance,
  { library, cluster, backups, store, config }: Services,
): void => {
  let last = 0;
  /** The number of archives; the last known one while a remote library is unreachable. */
  const count = async (log: FastifyBaseLogger): Promise<number> => {
    try {
      last = await library.count();
    } catch (err) {
      log.warn({ err }, "the archives could not be counted");
    }
    return last;
  };

  handle(app, "listNodes", async () => ({ nodes: await cluster.nodes() }));
  handle(app, "getServerSettings", async () => ({ host: hostname(), ...shownSettings(config) }));
  handle(app, "listBadRecords", async () => ({ records: await store.badRecords() }));
  handle(app, "getInfo", async (_input, { request }) => ({
    ...serverInfo,
    has_password: true,
    debug_mode: false,
    nofun_mode: true,
    archives_per_page: 100,
    server_resizes_images: false,
    server_tracks_progress: false,
    authenticated_progress: false,
    total_pages_read: 0,
    total_archives: await count(request.log),
    cache_last_cleared: 0,
    excluded_namespaces: [],
    restart_required: false,
  }));
  handleRaw(app, "makeBackup", async ({ body }, { reply }) => {
    const stream = await backups.make(body.library === true);
    return reply.type("application/gzip").send(stream);
  });
};
