import type { FastifyInstance } from "fastify";
import type { FirstKey } from "../../keys/first-key.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";
import { RequestInvalid } from "../validation.ts";

const PAST = { path: "/body/expires", message: "It is in the past." };

/** The named API keys, and another first one. */
export const keyRoutes = (
  app: FastifyInstance,
  { keys, cluster, firstKey }: Services & { firstKey: Pick<FirstKey, "rotate"> },
): void => {
  handle(app, "listKeys", async () => ({ keys: await keys.list() }));
  handle(app, "createKey", async ({ body }, { reply }) => {
    if (body.expires !== undefined && body.expires * 1000 <= Date.now()) throw new RequestInvalid([PAST]);
    const made = await keys.create(body);
    reply.header("cache-control", "no-store");
    return made;
  });
  handle(app, "rotateKey", async (_given, { reply }) => {
    const key = await firstKey.rotate();
    await cluster.waitForAllNodes();
    reply.header("cache-control", "no-store");
    return { key };
  });
  handle(app, "revokeKey", async ({ params }) => {
    await keys.revoke(params.name);
    return { successMessage: `The key ${params.name} was revoked.` };
  });
};
