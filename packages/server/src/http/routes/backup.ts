import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";

/** Backups of the server. */
export const backupRoutes = (app: FastifyInstance, { backups }: Services): void =>
  handleRaw(app, "makeBackup", async ({ body }, { reply }) => {
    const stream = await backups.make(body.library === true);
    return reply.type("application/gzip").send(stream);
  });
