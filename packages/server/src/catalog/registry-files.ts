import type { Registry } from "@hitagi/contract";
import type { Sources } from "../sources/sources.ts";
import type { Fetched, FetchOptions } from "../sources/types.ts";
import type { Store } from "../store/types.ts";

export interface RegistryFilesDeps {
  store: Pick<Store, "registries">;
  sources: Sources;
  /** Milliseconds that one fetch may take in all. */
  timeoutMs: number;
}

/** Reads a file of a registry, with the registry's credential. @throws what Source.fetch throws */
export type RegistryFiles = (
  registry: Registry,
  file: string,
  options: Pick<FetchOptions, "maxBytes" | "validators"> & { signal?: AbortSignal | undefined },
) => Promise<Fetched>;

export const createRegistryFiles =
  ({ store, sources, timeoutMs }: RegistryFilesDeps): RegistryFiles =>
  async (registry, file, { signal, ...options }) => {
    const credential = registry.credential && (await store.registries.credential(registry.id));
    return sources.get(registry.provider).fetch(registry, file, {
      ...options,
      timeoutMs,
      ...(signal && { signal }),
      ...(credential && { credential }),
    });
  };
