import type { ReadIndex } from "../store/types.ts";
import type { Endpoint, Role } from "./endpoint.ts";
import { moveStore } from "./move.ts";
import { openEndpoint } from "./open.ts";

/** A store on a server, as the restore of a backup uses it: while no other server uses it. */
export interface RemoteStore {
  /** The name of a key or table with records; undefined if the store is empty. */
  first(): Promise<string | undefined>;
  /** Copies it into a new SQLite file. */
  save(file: string): Promise<void>;
  /**
   * Replaces its records by those of a SQLite file, with the bytes of versions from a data folder. No server opens the store until it
   * ends. An interrupted call is continued by the next one of that name.
   * @param name identifies the copy
   */
  load(file: string, data: string, name: string): Promise<void>;
}

/**
 * A store that is no file. Each call connects anew.
 * @param place the store's address and the data folder of this server
 * @throws what is called: HitagiError STORE_IN_USE, and what the drivers throw
 */
export const remoteStore = (
  { store, data }: { store: string; data: string },
  readIndex: ReadIndex,
  ca?: string,
): RemoteStore => {
  const options = { readIndex, held: data, data, ca };
  const using = async <T>(
    place: string,
    role: Role,
    work: (endpoint: Endpoint) => Promise<T>,
  ): Promise<T> => {
    const endpoint = await openEndpoint(place, role, options);
    return work(endpoint).finally(endpoint.close);
  };
  return {
    first: () =>
      using(store, "target", async ({ port }) => ((await port.mark()) ? "a part of a copy" : port.first())),
    save: (file) =>
      using(store, "target", (from) =>
        using(`sqlite:${file}`, "target", async (to) => void (await moveStore(from, to))),
      ),
    load: (file, folder, name) =>
      using(store, "target", async (to) => {
        const from = await openEndpoint(`sqlite:${file}`, "source", { ...options, data: folder });
        await moveStore(from, to, { name, replace: true }).finally(from.close);
      }),
  };
};
