import { type Answer, type CallRequest, call } from "./client.ts";
import { ABSENT } from "./consistency-checker.ts";
import type { Context } from "./context.ts";
import { endOfJob } from "./job-status.ts";
import type { Random } from "./random.ts";
import { readFromAllNodes } from "./reads.ts";
import type { Change } from "./recorder.ts";
import { CHANGING, COUNTER, SCRIPTS, STAMPER, TAGGERS } from "./test-registry.ts";

type Went = Pick<Answer, "verdict" | "reason" | "node">;

/** Something that an owner does to one plugin. Answers how it went, once the cluster has shown. */
export type Operation = (context: Context, namespace: string, random: Random) => Promise<Went>;

/** Ends a recorded change by the answer to it. */
const noteOutcome = (change: Change, { verdict }: Pick<Went, "verdict">, value?: string): void => {
  if (verdict === "ok") change.done(value);
  else if (verdict === "refused") change.refused();
  else change.unsure();
};

const send = ({ cluster }: Context, asked: CallRequest): Promise<Answer> => call(cluster.balancer.url, asked);

/** A change that its call waits for. */
const direct = async (context: Context, change: Change, asked: CallRequest): Promise<Answer> => {
  const answer = await send(context, asked);
  noteOutcome(change, answer);
  return answer;
};

/** A change that a job makes. @param versionOf the version that the job's result says is active now */
const byJob = async (
  context: Context,
  change: Change,
  asked: CallRequest,
  versionOf: (data: unknown) => string | undefined,
): Promise<{ went: Went; version?: string | undefined }> => {
  const answer = await send(context, asked);
  const end = answer.verdict === "ok" ? await endOfJob(context, Number(answer.body.job)) : answer;
  if (end === undefined) {
    change.lingers();
    return { went: { verdict: "unclear", reason: "its job does not end", node: `job ${answer.body.job}` } };
  }
  const version = "data" in end && end.verdict === "ok" ? versionOf(end.data) : undefined;
  noteOutcome(change, end, version);
  return { went: end, version };
};

const install: Operation = async (context, namespace, random) => {
  const { recorder, registry, registryId, measurements } = context;
  const version = random.pick(registry.versions(namespace));
  const change = recorder.begin(`version:${namespace}`, [version], `install of ${namespace} ${version}`);
  const begin = recorder.now();
  const body = { namespace, registry: registryId, version };
  const asked: CallRequest = { method: "POST", path: "/api/plugins/install", body };
  const { went } = await byJob(context, change, asked, (data) => (data as { version: string }).version);
  if (went.verdict === "ok") measurements.installMs.push(recorder.now() - begin);
  return went;
};

/** Publishes a version and refreshes the registry: from then on every node has to offer it. */
const publish: Operation = async (context, namespace) => {
  const { recorder, registry, registryId } = context;
  const version = registry.next(namespace);
  const change = recorder.begin(`newest:${namespace}`, [version], `refresh with ${namespace} ${version}`);
  await registry.publish(namespace);
  const answer = await send(context, { method: "POST", path: `/api/registries/${registryId}/refresh` });
  if (answer.verdict === "ok") change.done();
  // It is published, so that the next refresh makes it known.
  else change.lingers();
  return answer;
};

/** Upgrades to the newest version, which is also a read of the newest version on offer. */
const upgrade: Operation = async (context, namespace) => {
  const { recorder, registry } = context;
  const by = `upgrade of ${namespace}`;
  const change = recorder.begin(`version:${namespace}`, registry.versions(namespace), by);
  const begin = recorder.now();
  const asked: CallRequest = {
    method: "POST",
    path: "/api/plugins/upgrade",
    body: { namespaces: [namespace] },
  };
  const { went, version } = await byJob(
    context,
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

const rollback: Operation = (context, namespace, random) => {
  const version = random.pick(context.registry.versions(namespace));
  const change = context.recorder.begin(
    `version:${namespace}`,
    [version],
    `rollback of ${namespace} to ${version}`,
  );
  const path = `/api/plugins/installed/${namespace}/rollback`;
  return direct(context, change, { method: "POST", path, body: { version } });
};

const remove: Operation = (context, namespace) => {
  const change = context.recorder.begin(`version:${namespace}`, [ABSENT], `removal of ${namespace}`);
  return direct(context, change, { method: "DELETE", path: `/api/plugins/installed/${namespace}` });
};

const configure: Operation = (context, namespace, random) => {
  const mark = `mark-${random.between(0, 1e9)}`;
  const change = context.recorder.begin(`mark:${namespace}`, [mark], `setting of ${namespace} to ${mark}`);
  const path = `/api/plugins/installed/${namespace}/settings`;
  return direct(context, change, { method: "PUT", path, body: { mark } });
};

const prioritise: Operation = (context, namespace, random) => {
  const priority = random.between(1, 1e6);
  const change = context.recorder.begin(`priority:${namespace}`, [`${priority}`], `priority of ${namespace}`);
  const path = `/api/plugins/installed/${namespace}/metadata-config`;
  return direct(context, change, { method: "PUT", path, body: { priority } });
};

/** Queues a job with a countable effect and does not wait for it; the job checker does later. */
const queue = async (context: Context, plugin: string, random: Random, more = ""): Promise<Went> => {
  const token = `t${random.between(0, 1e9)}`;
  const path = `/api/plugins/queue?plugin=${plugin}&arg=${token}${more}`;
  const answer = await send(context, { method: "POST", path });
  if (answer.verdict === "ok") {
    context.jobLog.jobs.push({ id: Number(answer.body.job), token, by: `${plugin} by ${answer.node}` });
  }
  return answer;
};

const count: Operation = (context, namespace, random) => queue(context, namespace, random);
const stamp: Operation = (context, namespace, random) =>
  queue(context, namespace, random, `&id=${random.pick(context.archives)}`);

/** The operations with their plugins and their share in percent. */
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

/** Makes one operation, and after a change reads from every node at once. */
export const operate = async (context: Context, random: Random): Promise<void> => {
  const { name, run, on } = choose(random);
  const namespace = random.pick(on);
  const at = context.recorder.now();
  const went = await run(context, namespace, random);
  context.measurements.operation(name, went, at);
  if (went.verdict === "ok" && CHANGING.some((one) => one === namespace))
    await readFromAllNodes(context, namespace);
};

/** Installs a plugin before faults are injected. @throws Error where that fails */
export const installNow = async (context: Context, namespace: string): Promise<void> => {
  const body = { namespace, registry: context.registryId };
  const answer = await send(context, { method: "POST", path: "/api/plugins/install", body });
  const end = answer.verdict === "ok" ? await endOfJob(context, Number(answer.body.job)) : answer;
  if (end?.verdict !== "ok") throw new Error(`${namespace} could not be installed: ${end?.reason}`);
};
