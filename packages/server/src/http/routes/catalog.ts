import { toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

/** The plugins in the cached indexes. */
export const catalogRoutes = (app: FastifyInstance, { catalog, listedUpdates }: Services): void => {
  handle(app, "listOffered", ({ params, query: { page = 1, size = 50, ...filter } }) =>
    catalog.search({ ...filter, registry: params.id, page, size }),
  );
  handle(app, "searchAvailable", ({ query: { page = 1, size = 50, ...filter } }) =>
    catalog.search({ ...filter, page, size }),
  );
  handle(app, "getAvailable", async ({ params }) => ({
    offers: await catalog.offers(toNamespace(params.namespace)),
  }));
  handle(app, "listUpdates", async () => ({
    updates: await listedUpdates(),
    held: await catalog.heldUpdates(),
    withdrawn: await catalog.withdrawn(),
  }));
};
