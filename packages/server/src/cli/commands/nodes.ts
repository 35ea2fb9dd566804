import { isClockOff, type NodeInfo } from "@hitagi/contract";
import type { Command } from "commander";
import { serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { timeText } from "../time.ts";

const HEAD = ["HOST", "ADDRESS", "VERSION", "CLOCK", "STARTED", "HEARD OF", "CURRENT"];

const clockText = (node: NodeInfo): string =>
  isClockOff(node) ? `${Math.abs(node.ahead)} s ${node.ahead > 0 ? "ahead" : "behind"}` : "ok";

const row = (node: NodeInfo) => [
  `${node.host}${node.self ? " (this one)" : ""}`,
  node.address ?? "-",
  node.version ?? "-",
  clockText(node),
  timeText(node.started),
  timeText(node.heard),
  node.current ? "yes" : "no",
];

const list = async (session: Session): Promise<void> => {
  const { nodes } = await session.client.listNodes({});
  session.print(nodes, () => table(session.io, HEAD, nodes.map(row)));
};

/** `hitagi nodes`: the servers that share one store. */
export const nodesCommand = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "nodes",
    "List the servers that share this one's store. CLOCK is compared with the store's clock. CURRENT says if the server has applied all changes.",
    "hitagi nodes",
  ).action(withSession(io, list));
};
