import type { Credential, Registry, RegistryFields } from "@hitagi/contract";

export interface RegistryStore {
  /**
   * Adds a registry. Its id is the second of creation, or the nearest earlier one that is free, so that no id is in the
   * future. An id is never given again, so that the plugins of a deleted registry do not come to belong to another one.
   */
  create(fields: RegistryFields, now: number, credential?: Credential): Promise<Registry>;
  get(id: string): Promise<Registry | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<Registry[]>;
  /**
   * Replaces a registry's fields. `dropIndex` removes the cached index and the outcome of the last refresh in the same change,
   * and increases `updated` even within one second, so that a running refresh sees the change.
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
  /** A registry's credential. The record, which other programs may read, has only its kind. */
  credential(id: string): Promise<Credential | undefined>;
  /** Notes how the last refresh of a registry ended, if the registry exists; an absent field is removed. */
  note(id: string, outcome: Pick<Registry, "failure" | "moved">): Promise<void>;
  /** Removes it with its index; it is no default any more. @throws REGISTRY_NOT_FOUND */
  delete(id: string): Promise<void>;
  getDefault(): Promise<string | undefined>;
  /** @throws HitagiError REGISTRY_NOT_FOUND */
  setDefault(id: string): Promise<void>;
  /** Answers the id that was the default. */
  clearDefault(): Promise<string | undefined>;
}
