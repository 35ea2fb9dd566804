import type { Credential, Registry, RegistryFields } from "@hitagi/contract";

export interface RegistryStore {
  /**
   * Adds a registry. Its id is the time of creation, or the nearest earlier second that is free, so that
   * no number of concurrent creations gives an id in the future. An id is never given again, so that a plugin
   * whose registry was deleted does not come to belong to another one.
   */
  create(fields: RegistryFields, now: number, credential?: Credential): Promise<Registry>;
  get(id: string): Promise<Registry | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<Registry[]>;
  /**
   * Replaces a registry's fields. `dropIndex` forgets the cached index in the same change, and makes `updated` grow
   * even within one second, so that a refresh under way sees it; how the last refresh ended is forgotten with it.
   * @param credential the new one, null to remove it, undefined to keep it
   * @throws HitagiError REGISTRY_NOT_FOUND
   */
  update(
    id: string,
    fields: RegistryFields,
    dropIndex: boolean,
    now: number,
    credential?: Credential | null,
  ): Promise<Registry>;
  /**
   * A registry's credential. It is kept apart from the record, which other programs may read, and only its kind is in that.
   */
  credential(id: string): Promise<Credential | undefined>;
  /** Notes how the last refresh ended; what is absent is forgotten. Nothing happens where there is no such registry. */
  note(id: string, outcome: Pick<Registry, "failure" | "moved">): Promise<void>;
  /** Removes it with its index, and the default designation if it was that. @throws REGISTRY_NOT_FOUND */
  delete(id: string): Promise<void>;
  getDefault(): Promise<string | undefined>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  setDefault(id: string): Promise<void>;
  /** Answers the id that was the default. */
  clearDefault(): Promise<string | undefined>;
}
