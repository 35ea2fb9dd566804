import type { Namespace, NetworkRecord } from "@hitagi/contract";
import type { Logger } from "pino";
import type { RequestStore } from "../../store/types.ts";

/** The newest requests of each plugin. */
export interface NetworkLog {
  add(namespace: Namespace, url: URL, record: Omit<NetworkRecord, "url">): void;
  /** Newest first. */
  of(namespace: Namespace): Promise<NetworkRecord[]>;
}

const MAX_RECORDS = 200;
const MAX_URL = 2048;

/** Without query and user information, which may be secret. */
const toRecord = ({ protocol, host, pathname }: URL, record: Omit<NetworkRecord, "url">): NetworkRecord => ({
  ...record,
  url: `${protocol}//${host}${pathname}`.slice(0, MAX_URL),
});

/** A log in memory, of the newest 200 requests of each plugin. */
export const createNetworkLog = (): NetworkLog => {
  const records = new Map<string, NetworkRecord[]>();
  return {
    add(namespace, url, record) {
      const own = records.get(namespace) ?? [];
      own.push(toRecord(url, record));
      records.set(namespace, own.slice(-MAX_RECORDS));
    },
    of: async (namespace) => (records.get(namespace) ?? []).toReversed(),
  };
};

/** A log that all servers share. Requests do not wait for it, and do not fail with it. */
export const createSharedNetworkLog = (store: RequestStore, log: Pick<Logger, "warn">): NetworkLog => {
  const writing = new Set<Promise<void>>();
  return {
    add(namespace, url, record) {
      const written = store
        .add(namespace, toRecord(url, record))
        .catch((err: unknown) => log.warn({ err, plugin: namespace }, "a plugin's request was not logged"))
        .finally(() => writing.delete(written));
      writing.add(written);
    },
    of: async (namespace) => {
      await Promise.all(writing);
      return store.of(namespace);
    },
  };
};
