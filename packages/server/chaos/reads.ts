import { type Answer, call } from "./client.ts";
import { ABSENT, type Read, type Register } from "./consistency-checker.ts";
import type { Context } from "./context.ts";
import type { ServerNode } from "./node-process.ts";
import { CHANGING, TAGGERS } from "./test-registry.ts";

type Where = Pick<Read, "begin" | "end" | "node" | "by">;

/** The registers that a call of a script reads: its version and its setting, or that it is absent. */
const readsOfUse = (namespace: string, { verdict, reason, body }: Answer): [Register, string][] => {
  if (reason === "PLUGIN_NOT_FOUND") return [[`version:${namespace}`, ABSENT]];
  if (verdict !== "ok") return [];
  const { version, mark } = body.data as { version: string; mark: string };
  return [
    [`version:${namespace}`, version],
    [`mark:${namespace}`, mark],
  ];
};

/** The registers that a list of plugins reads. */
const readsOfList = ({ verdict, body }: Answer, names: readonly string[]): [Register, string][] => {
  if (verdict !== "ok") return [];
  const listed = body.items as { namespace: string; version: string; priority?: number }[];
  return names.flatMap((namespace): [Register, string][] => {
    const found = listed.find((plugin) => plugin.namespace === namespace);
    if (!found) return [[`version:${namespace}`, ABSENT]];
    const version: [Register, string] = [`version:${namespace}`, found.version];
    return found.priority === undefined
      ? [version]
      : [version, [`priority:${namespace}`, String(found.priority)]];
  });
};

/** The register that a search reads: a plugin's newest version. */
const readsOfSearch = (namespace: string, { verdict, body }: Answer): [Register, string][] => {
  if (verdict !== "ok") return [];
  const found = (body.items as { namespace: string; version: string }[]).find(
    (p) => p.namespace === namespace,
  );
  return found ? [[`newest:${namespace}`, found.version]] : [];
};

/** A call that reads registers. */
export interface ReadCall {
  what: string;
  method: "GET" | "POST";
  path: string;
  reads(answer: Answer): [Register, string][];
}

export const useOf = (namespace: string): ReadCall => ({
  what: `use ${namespace}`,
  method: "POST",
  path: `/api/plugins/use?plugin=${namespace}`,
  reads: (answer) => readsOfUse(namespace, answer),
});

export const listOf = (names: readonly string[] = CHANGING): ReadCall => ({
  what: "list",
  method: "GET",
  path: "/api/plugins/all",
  reads: (answer) => readsOfList(answer, names),
});

export const searchFor = (namespace: string): ReadCall => ({
  what: `search ${namespace}`,
  method: "GET",
  path: `/api/plugins/available?q=${namespace}`,
  reads: (answer) => readsOfSearch(namespace, answer),
});

/** Makes a call and records its reads. @param node called directly; without it the load balancer chooses one */
export const take = async (context: Context, reading: ReadCall, node?: ServerNode): Promise<Answer> => {
  const { recorder, measurements, cluster } = context;
  const begin = recorder.now();
  const asked = { method: reading.method, path: reading.path };
  const answer = node
    ? await call(node.url, asked, { node: node.name, timeoutMs: 20_000 })
    : await call(cluster.balancer.url, asked);
  const end = recorder.now();
  const where: Where = {
    begin,
    end,
    node: answer.node,
    by: node ? `${reading.what}, directly` : reading.what,
  };
  for (const [register, value] of reading.reads(answer)) recorder.read({ register, value, ...where });
  // Only calls through the load balancer are what users see.
  if (!node) measurements.call(answer, reading.what, end - begin, begin);
  else if (answer.verdict === "unclear")
    measurements.unclear.push({ what: reading.what, reason: answer.reason, node: node.name, at: begin });
  return answer;
};

/** Reads a plugin from every node at once: the calls that begin soonest after a change returned. */
export const readFromAllNodes = async (context: Context, namespace: string): Promise<void> => {
  const isTagger = TAGGERS.some((name) => name === namespace);
  const reading = isTagger ? listOf([namespace]) : useOf(namespace);
  await Promise.all(context.cluster.nodes.map((node) => take(context, reading, node)));
};
