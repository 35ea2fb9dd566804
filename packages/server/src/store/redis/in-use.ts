import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";
import { LEASE_MS } from "./lease.ts";
import { createNodes } from "./nodes.ts";

/** @throws HitagiError STORE_IN_USE where a server is on the database, or was until it was killed some seconds ago */
export const refuseUse = async (connection: Connection): Promise<void> => {
  const nodes = await createNodes(connection, LEASE_MS).list();
  if (nodes.length === 0) return;
  throw new HitagiError("STORE_IN_USE", { hosts: [...new Set(nodes.map(({ host }) => host))].join(", ") });
};
