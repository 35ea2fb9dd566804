import type { Namespace } from "@hitagi/contract";
import type { PluginRecord, PluginStore, Topic } from "../store/types.ts";
import { poll } from "./poll.ts";
import type { ApplyChanges } from "./types.ts";

export interface PluginRecordPollDeps {
  store: Pick<PluginStore, "list" | "notice">;
  takeUp: ApplyChanges;
  /** Told of a look that failed. */
  onError: (error: unknown) => void;
  /** Milliseconds between two looks. */
  everyMs?: number;
}

/** Looks at what programs that tell nobody, as LANraragi, change in the plugins' records. */
export interface PluginRecordPoll {
  /** Notes what the records are, before they are loaded. */
  noteRecords(): Promise<void>;
  /** Looks now and then, once they are loaded. */
  start(): void;
  /** Notes a record as it was put in force for another reason, so that a look need not do it again. */
  noteApplied(namespace: Namespace, record: PluginRecord | undefined): void;
  stop(): Promise<void>;
}

const textOf = (record: PluginRecord): string => JSON.stringify(record);
const textsOf = (records: PluginRecord[]): Map<Namespace, string> =>
  new Map(records.map((record) => [record.namespace, textOf(record)]));

/** The namespaces whose records came, went or are not what they were. */
const differing = (
  before: ReadonlyMap<Namespace, string>,
  now: ReadonlyMap<Namespace, string>,
): Namespace[] =>
  [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));

export const createPluginRecordPoll = (deps: PluginRecordPollDeps): PluginRecordPoll => {
  const { store, takeUp, onError, everyMs } = deps;
  let known = new Map<Namespace, string>();
  let stop = async (): Promise<void> => {};

  const look = async (): Promise<void> => {
    const now = textsOf(await store.list());
    const changed = differing(known, now);
    const topicOf = (name: Namespace): Topic => `plugin:${name}`;
    const left = changed.length > 0 ? await takeUp(changed.map(topicOf)) : [];
    if (changed.length > 0) await store.notice?.(changed);
    // What could not be put in force differs at the next look again.
    known = new Map([...now].filter(([name]) => !left.includes(topicOf(name))));
  };
  return {
    noteRecords: async () => {
      await store.notice?.();
      known = textsOf(await store.list());
    },
    start: () => {
      stop = poll(look, onError, everyMs);
    },
    noteApplied: (namespace, record) => {
      if (record) known.set(namespace, textOf(record));
      else known.delete(namespace);
    },
    stop: () => stop(),
  };
};
