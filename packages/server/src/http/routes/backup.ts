import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";

/** The whole of what the server keeps, to whoever may manage it. */
export const backupRoutes = (app: FastifyInstance, { backups }: Services): void =>
  handleRaw(app, "makeBackup", async ({ body }, { reply }) => {
    const stream = await backups.make(body.library === true);
    return reply.type("application/gzip").send(stream);
  });
