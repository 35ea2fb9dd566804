import { toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { actorOf } from "../request.ts";
import { disconnectSignal, handle, handleRaw } from "../route.ts";

/** The set of this server as a lock file, and the files of mirrors. */
export const lockfileRoutes = (app: FastifyInstance, { lockfiles, mirrorFiles, enqueue }: Services): void => {
  handle(app, "exportSet", async () => ({ lock: await lockfiles.export() }));
  handle(app, "planSync", async ({ body }, { reply }) => ({
    plan: await lockfiles.plan(body, disconnectSignal(reply)),
  }));
  handle(app, "syncSet", async ({ body }, { request }) => ({
    job: await enqueue.syncSet({ request: JSON.stringify(body) }, { actor: actorOf(request) }),
  }));

  handle(app, "planMirror", ({ params, body: { all, plugins } }, { reply }) =>
    mirrorFiles.plan(params.id, { all, plugins: plugins?.map(toNamespace) }, disconnectSignal(reply)),
  );
  handleRaw(app, "getMirrorFile", async ({ params, query: { path, namespace } }, { reply }) => {
    const file = { path, namespace: namespace === undefined ? undefined : toNamespace(namespace) };
    return reply
      .type("application/octet-stream")
      .send(await mirrorFiles.read(params.id, file, disconnectSignal(reply)));
  });
};
