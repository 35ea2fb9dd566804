import type { ReadIndex } from "../store/types.ts";
import type { Endpoint, Role } from "./endpoint.ts";
import { moveStore } from "./move.ts";
import { openEndpoint } from "./open.ts";

/** A store that is no file of this machine, as what restores a backup has it: while no server is on it. */
export interface RemoteStore {
  /** The name of something that it holds; undefined where it is empty. */
  first(): Promise<string | undefined>;
  /** Writes what it holds into a new SQLite file. */
  save(file: string): Promise<void>;
  /**
   * Makes it hold what a SQLite file holds, and nothing else, with the bytes of versions from a data folder. Until it ends no server
   * opens the store; it may be repeated, and then goes on.
   * @param name tells this from all other times
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
  const using = async <T>(place: string, role: Role, work: (end: Endpoint) => Promise<T>): Promise<T> => {
    const end = await openEndpoint(place, role, options);
    return work(end).finally(end.close);
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
