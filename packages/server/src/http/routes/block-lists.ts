import { toNamespace } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { shownList } from "../../admission/block-lists.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

/** The lists, what they name of what is installed, and what is allowed all the same. */
export const describeBlockLists = async ({ blockLists, blockEnforcement }: Services) => {
  const { lists, allowed } = await blockLists.read();
  return { lists: lists.map(shownList), hits: await blockEnforcement.hits(), allowed };
};

/** Lists of plugins that are not to be installed or run. */
export const blockListRoutes = (app: FastifyInstance, services: Services): void => {
  const { blockLists, blockEnforcement } = services;
  const describe = () => describeBlockLists(services);
  /** Answers after the change counts for what is installed. */
  const changed = async (change: Promise<unknown>) => {
    await change;
    await blockEnforcement.enforce();
    return describe();
  };

  handle(app, "getBlockLists", describe);
  handle(app, "addBlockList", ({ body: { name, address, key } }) =>
    changed(blockLists.add(name, address, key)),
  );
  handle(app, "removeBlockList", ({ params: { name } }) => changed(blockLists.remove(name)));
  handle(app, "refreshBlockLists", () => changed(blockLists.refresh()));
  handle(app, "allowBlockedPlugin", ({ params: { namespace } }) =>
    changed(blockLists.allow(toNamespace(namespace), true)),
  );
  handle(app, "disallowBlockedPlugin", ({ params: { namespace } }) =>
    changed(blockLists.allow(toNamespace(namespace), false)),
  );
};
