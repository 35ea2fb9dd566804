import type { Subject, SubjectKind } from "@hitagi/contract";
import type { JobRecord } from "../store/types.ts";
import { taskNames } from "./tasks.ts";

type TaskName = (typeof taskNames)[keyof typeof taskNames];
type SubjectOf = (args: unknown[], result: unknown) => Subject | null;

const text = (kind: SubjectKind, id: unknown): Subject | null =>
  typeof id === "string" && id !== "" ? { kind, id } : null;

const namespace = (value: unknown): unknown => (typeof value === "string" ? value.toLowerCase() : undefined);

/** The plugins of an upgrade: those that were named, else those that it found. */
const upgraded: SubjectOf = ([named], result) => {
  const { data } = (result ?? {}) as { data?: { plugins?: { namespace: string }[] } };
  const namespaces = Array.isArray(named) ? named : (data?.plugins ?? []).map((p) => p.namespace);
  return text("plugin", namespaces.map(namespace).join(","));
};

/** What each kind of job is done to, by its arguments and its result. One-shot arguments and addresses stay out. */
const subjects: Record<TaskName, SubjectOf> = {
  [taskNames.install]: ([plugin]) => text("plugin", namespace(plugin)),
  [taskNames.upgrade]: upgraded,
  [taskNames.run]: ([plugin]) => text("plugin", namespace(plugin)),
  [taskNames.runEnabled]: ([archive]) => text("archive", archive),
  [taskNames.batch]: ([plugin]) => text("plugin", namespace(plugin)),
  [taskNames.undoBatch]: ([batch]) => text("job", typeof batch === "number" ? String(batch) : undefined),
  [taskNames.download]: (_args, result) => text("archive", (result as { id?: unknown } | null)?.id),
};

const isTask = (name: string): name is TaskName => Object.hasOwn(subjects, name);

/** What a job was done to; null where that is nothing by itself, or not known. */
export const subjectOfJob = ({ task, args, result }: JobRecord): Subject | null =>
  isTask(task) ? subjects[task](args, result) : null;
