import { type Answer, ask } from "./ask.ts";
import { ABSENT, type Read, type Register } from "./checker.ts";
import type { TrialNode } from "./node-process.ts";
import { CHANGING, TAGGERS } from "./registry.ts";
import type { World } from "./world.ts";

type Where = Pick<Read, "begin" | "end" | "node" | "by">;

/** What a call of a script says of it: its version and its setting, or that it is not there. */
const readsOfUse = (namespace: string, { verdict, reason, body }: Answer): [Register, string][] => {
  if (reason === "PLUGIN_NOT_FOUND") return [[`version:${namespace}`, ABSENT]];
  if (verdict !== "ok") return [];
  const { version, mark } = body.data as { version: string; mark: string };
  return [
    [`version:${namespace}`, version],
    [`mark:${namespace}`, mark],
  ];
};

/** What a list says of each plugin that it names or leaves out. */
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

/** What a search says of a plugin's newest version. */
const readsOfSearch = (namespace: string, { verdict, body }: Answer): [Register, string][] => {
  if (verdict !== "ok") return [];
  const found = (body.items as { namespace: string; version: string }[]).find(
    (p) => p.namespace === namespace,
  );
  return found ? [[`newest:${namespace}`, found.version]] : [];
};

/** One call of the steady load: what it asks, and what its answer says. */
export interface Reading {
  what: string;
  method: "GET" | "POST";
  path: string;
  reads(answer: Answer): [Register, string][];
}

export const useOf = (namespace: string): Reading => ({
  what: `use ${namespace}`,
  method: "POST",
  path: `/api/plugins/use?plugin=${namespace}`,
  reads: (answer) => readsOfUse(namespace, answer),
});

export const listOf = (names: readonly string[] = CHANGING): Reading => ({
  what: "list",
  method: "GET",
  path: "/api/plugins/all",
  reads: (answer) => readsOfList(answer, names),
});

export const searchFor = (namespace: string): Reading => ({
  what: `search ${namespace}`,
  method: "GET",
  path: `/api/plugins/available?q=${namespace}`,
  reads: (answer) => readsOfSearch(namespace, answer),
});

/** Makes a reading and records what it said. @param node asked directly; else whoever the balancer chooses is */
export const take = async (world: World, reading: Reading, node?: TrialNode): Promise<Answer> => {
  const { recorder, observed, cluster } = world;
  const begin = recorder.now();
  const asked = { method: reading.method, path: reading.path };
  const answer = node
    ? await ask(node.url, asked, { node: node.name, timeoutMs: 20_000 })
    : await ask(cluster.balancer.url, asked);
  const end = recorder.now();
  const where: Where = {
    begin,
    end,
    node: answer.node,
    by: node ? `${reading.what}, directly` : reading.what,
  };
  for (const [register, value] of reading.reads(answer)) recorder.read({ register, value, ...where });
  // What a node that was made to fail answers when asked directly says nothing of what the owner's users meet.
  if (!node) observed.call(answer, reading.what, end - begin, begin);
  else if (answer.verdict === "unclear")
    observed.unclear.push({ what: reading.what, reason: answer.reason, node: node.name, at: begin });
  return answer;
};

/** Asks every node at once what is in force of a plugin: the calls that begin soonest after a change returned. */
export const probe = async (world: World, namespace: string): Promise<void> => {
  const isTagger = TAGGERS.some((name) => name === namespace);
  const reading = isTagger ? listOf([namespace]) : useOf(namespace);
  await Promise.all(world.cluster.nodes.map((node) => take(world, reading, node)));
};
