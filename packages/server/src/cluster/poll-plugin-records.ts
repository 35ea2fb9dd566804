import type { Namespace } from "@hitagi/contract";
import { repeat } from "../async/repeat.ts";
import type { PluginRecord, PluginStore, Topic } from "../store/types.ts";
import type { ApplyChanges } from "./types.ts";

export interface PluginRecordPollDeps {
  store: Pick<PluginStore, "list" | "notice">;
  applyChanges: ApplyChanges;
  onError: (error: unknown) => void;
  /** Milliseconds between two polls. */
  everyMs?: number;
}

/** Finds changes of plugins' records by programs that announce none, such as LANraragi. */
export interface PluginRecordPoll {
  /** Notes the records as they are, before they are loaded. */
  noteRecords(): Promise<void>;
  /** Polls, once the records are loaded. */
  start(): void;
  /** Notes a record that was applied for another reason, so that a poll does not apply it again. */
  noteApplied(namespace: Namespace, record: PluginRecord | undefined): void;
  stop(): Promise<void>;
}

const byNamespace = (records: PluginRecord[]): Map<Namespace, string> =>
  new Map(records.map((record) => [record.namespace, JSON.stringify(record)]));

/** The namespaces whose records were added, removed or changed. */
const differing = (
  before: ReadonlyMap<Namespace, string>,
  now: ReadonlyMap<Namespace, string>,
): Namespace[] =>
  [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));

const topicOf = (namespace: Namespace): Topic => `plugin:${namespace}`;

export const createPluginRecordPoll = (deps: PluginRecordPollDeps): PluginRecordPoll => {
  const { store, applyChanges, onError, everyMs = 30_000 } = deps;
  let known = new Map<Namespace, string>();
  let stop = async (): Promise<void> => {};

  const compare = async (): Promise<void> => {
    const now = byNamespace(await store.list());
    const changed = differing(known, now);
    const failed = changed.length > 0 ? await applyChanges(changed.map(topicOf)) : [];
    if (changed.length > 0) await store.notice?.(changed);
    // A record that could not be applied differs at the next poll again.
    known = new Map([...now].filter(([namespace]) => !failed.includes(topicOf(namespace))));
  };
  return {
    noteRecords: async () => {
      await store.notice?.();
      known = byNamespace(await store.list());
    },
    start: () => {
      stop = repeat(compare, { everyMs, onError });
    },
    noteApplied: (namespace, record) => {
      if (record) known.set(namespace, JSON.stringify(record));
      else known.delete(namespace);
    },
    stop: () => stop(),
  };
};
