import type { RestoreState } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Restores } from "../../backup/restores.ts";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";

/** The state of a server's restores, with the other servers on its store. */
export const withOtherServers = async (
  state: ReturnType<Restores["state"]>,
  { cluster }: Pick<Services, "cluster">,
): Promise<RestoreState> => ({ ...(await state), other_servers: (await cluster.nodes()).length - 1 });

/** Restores that the next start carries out. The call that sends a backup is among the forms. */
export const restoreRoutes = (app: FastifyInstance, services: Services): void => {
  const { restores } = services;
  handle(app, "getRestore", () => withOtherServers(restores.state(), services));
  handle(app, "confirmRestore", () => withOtherServers(restores.confirm(), services));
  handle(app, "undoRestore", () => withOtherServers(restores.undo(), services));
  handle(app, "cancelRestore", () => withOtherServers(restores.cancel(), services));
  handle(app, "discardSetAside", () => withOtherServers(restores.discard(), services));
};
