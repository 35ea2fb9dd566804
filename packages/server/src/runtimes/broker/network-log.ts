import type { Namespace, NetworkRecord } from "@hitagi/contract";
import type { Logger } from "pino";
import type { RequestStore } from "../../store/types.ts";

/** The newest requests of each plugin. */
export interface NetworkLog {
  add(namespace: Namespace, record: NetworkRecord): void;
  /** Newest first. */
  of(namespace: Namespace): Promise<NetworkRecord[]>;
}

const MAX_RECORDS = 200;
const MAX_URL = 2048;

/** An address for the log: without query and user information, which may be secret. */
export const loggedUrl = ({ protocol, host, pathname }: URL): string =>
  `${protocol}//${host}${pathname}`.slice(0, MAX_URL);

/** A log in memory, of the newest 200 requests of each plugin. */
export const createNetworkLog = (): NetworkLog => {
  const records = new Map<string, NetworkRecord[]>();
  return {
    add(namespace, record) {
      const own = records.get(namespace) ?? [];
      own.push(record);
      records.set(namespace, own.slice(-MAX_RECORDS));
    },
    of: async (namespace) => (records.get(namespace) ?? []).toReversed(),
  };
};

/** A log that all servers share. Requests do not wait for it, and do not fail with it. */
export const createSharedNetworkLog = (store: RequestStore, log: Pick<Logger, "warn">): NetworkLog => {
  const writing = new Set<Promise<void>>();
  return {
    add(namespace, record) {
      const written = store
        .add(namespace, record)
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
