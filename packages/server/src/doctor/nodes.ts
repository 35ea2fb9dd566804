import { isClockOff, type NodeInfo } from "@hitagi/contract";
import { type Check, type Finding, note, ok, wrong } from "./types.ts";

const nameOf = ({ host, address }: NodeInfo): string => (address === null ? host : `${host} (${address})`);

const clocks = (nodes: readonly NodeInfo[]): Finding[] =>
  nodes
    .filter(isClockOff)
    .map((node) =>
      wrong(
        "nodes",
        `The clock of ${nameOf(node)} is ${Math.abs(node.ahead)} s ${node.ahead > 0 ? "ahead of" : "behind"} Redis' clock`,
        "Set both by one time server: jobs, the history and the expiry of keys go by each server's own clock.",
      ),
    );

const versions = (nodes: readonly NodeInfo[]): Finding[] => {
  const found = [...new Set(nodes.map(({ version }) => version ?? "an older one"))];
  if (found.length < 2) return [];
  const hint =
    "Bring all to one release, one after the other; the changelog says which go together meanwhile.";
  return [note("nodes", `The servers are of different versions: ${found.join(", ")}`, hint)];
};

/** A folder may be mounted by another name; what only one of them has, the others list as missing. */
const places = (nodes: readonly NodeInfo[]): Finding[] => {
  const said = nodes.filter(({ artifacts }) => artifacts !== null);
  if (new Set(said.map(({ artifacts }) => artifacts)).size < 2) return [];
  const each = said.map((node) => `${nameOf(node)}: ${node.artifacts}`).join(", ");
  const hint =
    "Set HITAGI_ARTIFACTS alike for all, or they do not find each other's plugins. Right only where one folder is mounted by two names, or while they are moved.";
  return [note("nodes", `The servers share the bytes of plugins in different places: ${each}`, hint)];
};

const lagging = (nodes: readonly NodeInfo[]): Finding[] =>
  nodes
    .filter(({ current }) => !current)
    .map((node) =>
      note(
        "nodes",
        `${nameOf(node)} has not taken up the last change`,
        "It may have a moment to go. Where it stays so it hangs: look at its log, or end it; the others forget it then.",
      ),
    );

/** Whether the servers on one store go together; nothing where one is alone. */
export const checkNodes: Check = async ({ server }) => {
  if (!server?.client) return [];
  const { nodes } = await server.client.listNodes({});
  const found = [...clocks(nodes), ...versions(nodes), ...places(nodes), ...lagging(nodes)];
  if (found.length > 0) return found;
  return nodes.length < 2
    ? []
    : [ok("nodes", `${nodes.length} servers on one store: ${nodes.map(nameOf).join(", ")}`)];
};
