import { isClockOff, type NodeInfo } from "@hitagi/contract";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";

const clockText = (node: NodeInfo): string =>
  isClockOff(node) ? `${Math.abs(node.ahead)} s ${node.ahead > 0 ? "ahead" : "behind"}` : "ok";

const columns: Columns<NodeInfo> = {
  HOST: (node) => `${node.host}${node.self ? " (this one)" : ""}`,
  ADDRESS: "address",
  VERSION: "version",
  CLOCK: clockText,
  STARTED: (node) => timeText(node.started),
  "HEARD OF": (node) => timeText(node.heard),
  CURRENT: "current",
};

const list = async (session: Session): Promise<void> => {
  const { nodes } = await session.client.listNodes({});
  session.print(nodes, () => table(session.io, columns, nodes));
};

/** `hitagi nodes`: the servers that share one store. */
export const nodesCommand = (program: CliCommand): void => {
  program
    .remote(
      "nodes",
      "List the servers that share this one's store. CLOCK is compared with the store's clock. CURRENT says if the server has applied all changes.",
    )
    .examples("hitagi nodes")
    .runRemote(list);
};
