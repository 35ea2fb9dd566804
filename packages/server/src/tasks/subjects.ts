import { type Subject, type SubjectKind, toNamespace } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { type TaskCodec, taskCodecs } from "./task-args.ts";

type SubjectOf = (stored: readonly unknown[], result: unknown) => Subject | null;

const subject = (kind: SubjectKind, id: string | undefined): Subject | null => (id ? { kind, id } : null);

const byArgs =
  <A>({ decode }: TaskCodec<A>, kind: SubjectKind, idOf: (args: A) => string | undefined): SubjectOf =>
  (stored) => {
    const args = decode(stored);
    return subject(kind, args && idOf(args));
  };

/** The plugins of an upgrade: those that were named, else those that it found. */
const upgraded: SubjectOf = (stored, result) => {
  const { data } = (result ?? {}) as { data?: { plugins?: { namespace: string }[] } };
  const named = taskCodecs.upgradePlugins.decode(stored)?.namespaces;
  const namespaces = named ?? (data?.plugins ?? []).map(({ namespace }) => namespace);
  return subject("plugin", namespaces.map(toNamespace).join(","));
};

/** The plugins that a sync changed. */
const synced: SubjectOf = (_stored, result) => {
  const { data } = (result ?? {}) as { data?: { plugins?: { namespace: string }[] } };
  return subject("plugin", (data?.plugins ?? []).map(({ namespace }) => namespace).join(","));
};

const downloaded: SubjectOf = (_stored, result) => {
  const { id } = (result ?? {}) as { id?: unknown };
  return subject("archive", typeof id === "string" ? id : undefined);
};

type TaskKey = keyof typeof taskCodecs;

/** One-shot arguments and addresses are no subjects, because they may hold secrets. */
const subjects: Record<TaskKey, SubjectOf> = {
  installPlugin: byArgs(taskCodecs.installPlugin, "plugin", ({ namespace }) => toNamespace(namespace)),
  upgradePlugins: upgraded,
  refreshRegistries: () => null,
  sendNotification: byArgs(taskCodecs.sendNotification, "receiver", ({ receiver }) => receiver),
  runPlugin: byArgs(taskCodecs.runPlugin, "plugin", ({ namespace }) => toNamespace(namespace)),
  runEnabledPlugins: byArgs(taskCodecs.runEnabledPlugins, "archive", ({ archive }) => archive),
  runBatch: (stored) => {
    const { plugin, tagRules } = taskCodecs.runBatch.decode(stored) ?? {};
    return tagRules ? subject("policy", "tags") : subject("plugin", plugin && toNamespace(plugin));
  },
  syncSet: synced,
  undoBatch: byArgs(taskCodecs.undoBatch, "job", ({ batch }) => String(batch)),
  downloadUrl: downloaded,
};

/** The subject of a job; null if it is unknown or if there are several. */
export const subjectOfJob = ({
  task,
  args,
  result,
}: Pick<JobRecord, "task" | "args" | "result">): Subject | null => {
  const key = (Object.keys(subjects) as TaskKey[]).find((one) => taskCodecs[one].name === task);
  return key ? subjects[key](args, result) : null;
};
