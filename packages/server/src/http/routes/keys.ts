import type { FastifyInstance } from "fastify";
import type { FirstKey } from "../../keys/first-key.ts";
import type { Services } from "../../services.ts";
import type { Sessions } from "../../sessions/sessions.ts";
import { handle } from "../route.ts";
import { ValidationError } from "../validation.ts";

const EXPIRED = { path: "/body/expires", message: "It is in the past." };

/** The named API keys, and the rotation of the first key. */
export const keyRoutes = (
  app: FastifyInstance,
  {
    keys,
    cluster,
    firstKey,
    sessions,
  }: Services & { firstKey: Pick<FirstKey, "prove" | "rotate">; sessions: Pick<Sessions, "forgetKey"> },
): void => {
  handle(app, "proveKey", async ({ query: { nonce, id } }) =>
    id === undefined ? firstKey.prove(nonce) : { salt: null, proof: await keys.prove(id, nonce) },
  );
  handle(app, "listKeys", async () => ({ keys: await keys.list() }));
  handle(app, "createKey", async ({ body }, { reply }) => {
    if (body.expires !== undefined && body.expires * 1000 <= Date.now()) throw new ValidationError([EXPIRED]);
    const created = await keys.create(body);
    reply.header("cache-control", "no-store");
    return created;
  });
  handle(app, "rotateKey", async (_input, { reply }) => {
    const key = await firstKey.rotate();
    await cluster.waitForAllNodes();
    await sessions.forgetKey(null);
    reply.header("cache-control", "no-store");
    return { key };
  });
  handle(app, "revokeKey", async ({ params }) => {
    const id = (await keys.list()).find(({ name }) => name === params.name)?.id;
    await keys.revoke(params.name);
    if (id !== undefined) await sessions.forgetKey(id);
    return { successMessage: `The key ${params.name} was revoked.` };
  });
};
