import type { NodeInfo } from "@hitagi/contract";
import type { Command } from "commander";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { timeText } from "../time.ts";

const row = (node: NodeInfo) => [
  `${node.host}${node.self ? " (this one)" : ""}`,
  timeText(node.started),
  timeText(node.heard),
  node.current ? "yes" : "no",
];

const list = async (session: Session): Promise<void> => {
  const { nodes } = await session.client.listNodes({});
  session.print(nodes, () => table(session.io, ["HOST", "STARTED", "HEARD OF", "CURRENT"], nodes.map(row)));
};

/** `hitagi nodes`: the servers that share one store. */
export const nodesCommand = (program: Command, io: Io): void => {
  leaf(
    program,
    "nodes",
    "List the servers that share this one's store. CURRENT tells whether all that was changed elsewhere is in force there.",
    "hitagi nodes",
  ).action(withSession(io, list));
};
