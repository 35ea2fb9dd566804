import { type Credential, type FoundRegistry, isHitagiError, type RegistryFields } from "@hitagi/contract";
import { isAccepted } from "../sources/authorization.ts";
import type { Sources } from "../sources/sources.ts";
import { createFetchBudget } from "./trust/fetch-budget.ts";
import { fetchHead, identityOf, readHead } from "./trust/heads.ts";
import type { ProbeRegistry } from "./types.ts";

export interface ProbeHeadDeps {
  sources: Sources;
  /** Milliseconds that the fetch may take in all. */
  timeoutMs: number;
}

type ShownHead = Partial<Pick<FoundRegistry, "identity" | "usable" | "failure">>;

/**
 * Reads the head beside a registry.json that was found. Nothing of it is said before its signatures hold.
 * @returns its identity; nothing where it is not signed; a failure where a refresh would refuse the head
 */
const probeHead = async (
  { sources, timeoutMs }: ProbeHeadDeps,
  fields: RegistryFields,
  credential: Credential | undefined,
  signal: AbortSignal | undefined,
): Promise<ShownHead> => {
  const source = sources.get(fields.provider);
  const isUsed = credential && isAccepted(source.credential(fields), credential.kind);
  const registry = { ...fields, id: fields.name };
  try {
    const bytes = await fetchHead(
      (_, file, { signal: stop, ...limits }) =>
        source.fetch(fields, file, {
          ...limits,
          ...(stop && { signal: stop }),
          ...(isUsed && { credential }),
        }),
      registry,
      createFetchBudget(timeoutMs),
      signal,
    );
    return bytes ? { identity: identityOf(readHead(registry, bytes)) } : {};
  } catch (error) {
    if (!isHitagiError(error) || signal?.aborted) throw error;
    const { code, message, hint } = error;
    return { usable: false, failure: { code, error: message, hint } };
  }
};

/** Says of each registry.json that a probe finds whose keys its head has. */
export const withHead =
  (deps: ProbeHeadDeps, probe: ProbeRegistry): ProbeRegistry =>
  async (request, credential, signal) => {
    const found = await probe(request, credential, signal);
    const hasIndex = !found.generateIndex && found.tried.some(({ outcome }) => outcome === "OK");
    return hasIndex ? { ...found, ...(await probeHead(deps, found, credential, signal)) } : found;
  };
