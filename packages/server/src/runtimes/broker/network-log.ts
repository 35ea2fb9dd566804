import type { NetworkRecord } from "@hitagi/contract";

/** The newest requests of each plugin. */
export interface NetworkLog {
  add(namespace: string, url: URL, record: Omit<NetworkRecord, "url">): void;
  /** Newest first. */
  of(namespace: string): NetworkRecord[];
}

const KEPT = 200;
const MAX_URL = 2048;

/** Keeps the newest 200 requests of each plugin in memory, their addresses without query and user information. */
export const createNetworkLog = (): NetworkLog => {
  const records = new Map<string, NetworkRecord[]>();
  return {
    add(namespace, { protocol, host, pathname }, record) {
      const own = records.get(namespace) ?? [];
      own.push({ ...record, url: `${protocol}//${host}${pathname}`.slice(0, MAX_URL) });
      records.set(namespace, own.slice(-KEPT));
    },
    of: (namespace) => (records.get(namespace) ?? []).toReversed(),
  };
};
