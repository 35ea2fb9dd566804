import { hostname } from "node:os";
import { type Client, createClient } from "@hitagi/contract";
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from "fastify";
import { changedSettings, shownSettings } from "../../config/shown-settings.ts";
import type { Services } from "../../services.ts";
import { serverInfo, version } from "../../version.ts";
import { handle, handleRaw } from "../route.ts";

/** The address of this server in findings where it does not know its own. */
const HERE = "http://localhost";

/** What says who sent a request, and that a browser meant it. */
const IDENTITY = ["host", "cookie", "authorization", "x-hitagi-csrf"] as const;

/** A client of this server in the name of who sent a request. Its calls go to the routes without a connection. */
const clientFor = (app: FastifyInstance, { headers }: FastifyRequest): Client =>
  createClient(HERE, undefined, undefined, async (url, { method = "GET", headers: own, body } = {}) => {
    const { pathname, search } = new URL(String(url));
    const who = Object.fromEntries(
      IDENTITY.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])),
    );
    const { statusCode, payload } = await app.inject({
      method: method as "GET",
      url: pathname + search,
      headers: { ...(own as Record<string, string>), ...who },
      ...(typeof body === "string" && { body }),
    });
    return new Response(payload, { status: statusCode });
  });

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
  handle(app, "getServerSettings", async () => ({
    host: hostname(),
    ...shownSettings(config),
    changed: changedSettings(config),
  }));
  handle(app, "listBadRecords", async () => ({ records: await store.badRecords() }));
  handle(app, "examineServer", async (_input, { request }) => {
    // Loaded only here: it imports the parts of a server that check its programs.
    const { examineThisServer } = await import("../../doctor/doctor.ts");
    const server = { version, client: clientFor(app, request) };
    const address = (await cluster.nodes()).find(({ self }) => self)?.address ?? HERE;
    return { findings: await examineThisServer({ config, address, server }) };
  });
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
