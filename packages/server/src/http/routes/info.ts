import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import { serverInfo } from "../../server-info.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

/** What this server is, in LANraragi's words; what Hitagi has no part in says so by its value. */
export const infoRoutes = (app: FastifyInstance, { library, cluster }: Services): void => {
  let last = 0;
  /** A library on another server may be away; this server is there all the same, and answers what it heard last. */
  const count = async (log: FastifyBaseLogger): Promise<number> => {
    try {
      last = await library.count();
    } catch (err) {
      log.warn({ err }, "the archives could not be counted");
    }
    return last;
  };

  handle(app, "listNodes", async () => ({ nodes: await cluster.nodes() }));
  handle(app, "getInfo", async (_given, { request }) => ({
    ...serverInfo,
    version_name: "Hitagi",
    version_desc: "See /api/docs for its calls.",
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
};
