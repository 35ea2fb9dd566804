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
  options: Pick<FetchOptions, "maxBytes" | "validators"> & {
    signal?: AbortSignal | undefined;
    /** Milliseconds; by default those that one fetch may take. */
    timeoutMs?: number;
  },
) => Promise<Fetched>;

/** The options of every read of a registry. */
export const limitsOf = async (
  { store, timeoutMs }: RegistryFilesDeps,
  registry: Registry,
  signal: AbortSignal | undefined,
): Promise<Pick<FetchOptions, "timeoutMs" | "signal" | "credential">> => {
  const credential = registry.credential && (await store.registries.credential(registry.id));
  return { timeoutMs, ...(signal && { signal }), ...(credential && { credential }) };
};

export const createRegistryFiles =
  (deps: RegistryFilesDeps): RegistryFiles =>
  async (registry, file, { signal, ...options }) =>
    deps.sources
      .get(registry.provider)
      .fetch(registry, file, { ...(await limitsOf(deps, registry, signal)), ...options });

/** The registry at the commit that its ref names now; undefined where its source does not tell. */
export const createAtCommit =
  (deps: RegistryFilesDeps) =>
  async (
    registry: Registry,
    { signal, timeoutMs }: { signal: AbortSignal | undefined; timeoutMs: number },
  ): Promise<Registry | undefined> => {
    const source = deps.sources.get(registry.provider);
    const limits = { ...(await limitsOf(deps, registry, signal)), timeoutMs };
    const fields = await source.atCommit?.(registry, limits);
    return fields && { ...registry, ref: fields.ref };
  };

export const INDEX_FILE = "registry.json";
