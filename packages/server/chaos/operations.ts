import { type Answer, type Asked, ask } from "./ask.ts";
import { ABSENT } from "./checker.ts";
import { endOfJob } from "./jobs.ts";
import type { Random } from "./random.ts";
import { probe } from "./readings.ts";
import type { Change } from "./recorder.ts";
import { CHANGING, COUNTER, SCRIPTS, STAMPER, TAGGERS } from "./registry.ts";
import type { World } from "./world.ts";

type Went = Pick<Answer, "verdict" | "reason" | "node">;

/** Something that an owner does to one plugin. Answers how it went, once the cluster has told. */
export type Operation = (world: World, namespace: string, random: Random) => Promise<Went>;

/** What an answer means for the change that it is of. */
const settle = (change: Change, { verdict }: Pick<Went, "verdict">, value?: string): void => {
  if (verdict === "ok") change.done(value);
  else if (verdict === "refused") change.refused();
  else change.unsure();
};

const send = ({ cluster }: World, asked: Asked): Promise<Answer> => ask(cluster.balancer.url, asked);

/** A change that is answered once it is made. */
const direct = async (world: World, change: Change, asked: Asked): Promise<Answer> => {
  const answer = await send(world, asked);
  settle(change, answer);
  return answer;
};

/** A change that is made by a job. @param versionOf what its result says that is in force now */
const byJob = async (
  world: World,
  change: Change,
  asked: Asked,
  versionOf: (data: unknown) => string | undefined,
): Promise<{ went: Went; version?: string | undefined }> => {
  const answer = await send(world, asked);
  const end = answer.verdict === "ok" ? await endOfJob(world, Number(answer.body.job)) : answer;
  if (end === undefined) {
    change.lingers();
    return { went: { verdict: "unclear", reason: "its job does not end", node: `job ${answer.body.job}` } };
  }
  const version = "data" in end && end.verdict === "ok" ? versionOf(end.data) : undefined;
  settle(change, end, version);
  return { went: end, version };
};

const install: Operation = async (world, namespace, random) => {
  const { recorder, registry, registryId, observed } = world;
  const version = random.pick(registry.versions(namespace));
  const change = recorder.begin(`version:${namespace}`, [version], `install of ${namespace} ${version}`);
  const begin = recorder.now();
  const body = { namespace, registry: registryId, version };
  const asked: Asked = { method: "POST", path: "/api/plugins/install", body };
  const { went } = await byJob(world, change, asked, (data) => (data as { version: string }).version);
  if (went.verdict === "ok") observed.installMs.push(recorder.now() - begin);
  return went;
};

/** Publishes a version, and makes it known by a refresh: from then on every node has to offer it. */
const publish: Operation = async (world, namespace) => {
  const { recorder, registry, registryId } = world;
  const version = registry.next(namespace);
  const change = recorder.begin(`newest:${namespace}`, [version], `refresh with ${namespace} ${version}`);
  await registry.publish(namespace);
  const answer = await send(world, { method: "POST", path: `/api/registries/${registryId}/refresh` });
  if (answer.verdict === "ok") change.done();
  // It is published, so that whoever refreshes next makes it known.
  else change.lingers();
  return answer;
};

/** Upgrades to the newest version, which also says what the index is that it was chosen from. */
const upgrade: Operation = async (world, namespace) => {
  const { recorder, registry } = world;
  const by = `upgrade of ${namespace}`;
  const change = recorder.begin(`version:${namespace}`, registry.versions(namespace), by);
  const begin = recorder.now();
  const asked: Asked = { method: "POST", path: "/api/plugins/upgrade", body: { namespaces: [namespace] } };
  const { went, version } = await byJob(
    world,
    change,
    asked,
    (data) => (data as { plugins: { to: string }[] }).plugins[0]?.to,
  );
  if (version !== undefined) {
    const where = { begin, end: recorder.now(), node: went.node, by };
    recorder.read({ register: `newest:${namespace}`, value: version, ...where });
  }
  return went;
};

const rollback: Operation = (world, namespace, random) => {
  const version = random.pick(world.registry.versions(namespace));
  const change = world.recorder.begin(
    `version:${namespace}`,
    [version],
    `rollback of ${namespace} to ${version}`,
  );
  const path = `/api/plugins/installed/${namespace}/rollback`;
  return direct(world, change, { method: "POST", path, body: { version } });
};

const remove: Operation = (world, namespace) => {
  const change = world.recorder.begin(`version:${namespace}`, [ABSENT], `removal of ${namespace}`);
  return direct(world, change, { method: "DELETE", path: `/api/plugins/installed/${namespace}` });
};

const configure: Operation = (world, namespace, random) => {
  const mark = `mark-${random.between(0, 1e9)}`;
  const change = world.recorder.begin(`mark:${namespace}`, [mark], `setting of ${namespace} to ${mark}`);
  const path = `/api/plugins/installed/${namespace}/settings`;
  return direct(world, change, { method: "PUT", path, body: { mark } });
};

const prioritise: Operation = (world, namespace, random) => {
  const priority = random.between(1, 1e6);
  const change = world.recorder.begin(`priority:${namespace}`, [`${priority}`], `priority of ${namespace}`);
  const path = `/api/plugins/installed/${namespace}/metadata-config`;
  return direct(world, change, { method: "PUT", path, body: { priority } });
};

/** Queues a job whose effect can be counted, and does not wait for it: that it ends, once, is looked at later. */
const queue = async (world: World, plugin: string, random: Random, more = ""): Promise<Went> => {
  const token = `t${random.between(0, 1e9)}`;
  const path = `/api/plugins/queue?plugin=${plugin}&arg=${token}${more}`;
  const answer = await send(world, { method: "POST", path });
  if (answer.verdict === "ok") {
    world.ledger.jobs.push({ id: Number(answer.body.job), token, by: `${plugin} by ${answer.node}` });
  }
  return answer;
};

const count: Operation = (world, namespace, random) => queue(world, namespace, random);
const stamp: Operation = (world, namespace, random) =>
  queue(world, namespace, random, `&id=${random.pick(world.archives)}`);

/** What an owner does, to which plugins, and how often of a hundred times. */
const operations: readonly { name: string; share: number; run: Operation; on: readonly string[] }[] = [
  { name: "install", share: 38, run: install, on: CHANGING },
  { name: "publish", share: 8, run: publish, on: CHANGING },
  { name: "upgrade", share: 10, run: upgrade, on: CHANGING },
  { name: "rollback", share: 8, run: rollback, on: CHANGING },
  { name: "remove", share: 8, run: remove, on: CHANGING },
  { name: "settings", share: 10, run: configure, on: SCRIPTS },
  { name: "flags", share: 4, run: prioritise, on: TAGGERS },
  { name: "count", share: 8, run: count, on: [COUNTER] },
  { name: "stamp", share: 6, run: stamp, on: [STAMPER] },
];

const choose = (random: Random) => {
  let left = random.next() * operations.reduce((sum, { share }) => sum + share, 0);
  for (const operation of operations) {
    left -= operation.share;
    if (left < 0) return operation;
  }
  return random.pick(operations);
};

/** Does one thing, and where it changed something asks every node at once what it runs now. */
export const operate = async (world: World, random: Random): Promise<void> => {
  const { name, run, on } = choose(random);
  const namespace = random.pick(on);
  const at = world.recorder.now();
  const went = await run(world, namespace, random);
  world.observed.operation(name, went, at);
  if (went.verdict === "ok" && CHANGING.some((one) => one === namespace)) await probe(world, namespace);
};

/** Installs a plugin and waits for it, where nothing has failed yet. @throws Error where it does not work */
export const installNow = async (world: World, namespace: string): Promise<void> => {
  const body = { namespace, registry: world.registryId };
  const answer = await send(world, { method: "POST", path: "/api/plugins/install", body });
  const end = answer.verdict === "ok" ? await endOfJob(world, Number(answer.body.job)) : answer;
  if (end?.verdict !== "ok") throw new Error(`${namespace} could not be installed: ${end?.reason}`);
};
