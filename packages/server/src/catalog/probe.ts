import {
  type Credential,
  type FoundRegistry,
  HitagiError,
  isHitagiError,
  MAX_INDEX_BYTES,
  MAX_SKIPPED_LISTED,
  type RegistryFields,
} from "@hitagi/contract";
import type { ForgeBases } from "../sources/forge-table.ts";
import { recognise } from "../sources/recognise.ts";
import type { Sources } from "../sources/sources.ts";
import { checkIndexLeniently, indexFaults } from "./index-check.ts";
import { checkCredential } from "./registry-credential.ts";
import { checkFields } from "./registry-fields.ts";
import { chooseFound } from "./trial-choice.ts";
import type { ProbeRegistry, ProbeRequest } from "./types.ts";

export interface ProbeDeps {
  sources: Sources;
  forges: ForgeBases;
  /** Milliseconds that one fetch may take in all. */
  timeoutMs: number;
}

const INDEX_FILE = "registry.json";
/** Places that are asked at most for one address. */
const MAX_TRIED = 8;

/** How one of the possible places ended; `tried` is of all of them and added at the end. */
export type ProbeAttempt = Omit<FoundRegistry, "tried"> & { outcome: string };

const readable = async (
  bytes: Buffer,
): Promise<Pick<ProbeAttempt, "usable" | "plugins" | "faults" | "faultCount">> => {
  const faults = await indexFaults(bytes);
  const plugins = await checkIndexLeniently(bytes).then(
    ({ rows }) => rows.length,
    (error: unknown) => {
      if (isHitagiError(error, "INDEX_INVALID")) return undefined;
      throw error;
    },
  );
  return {
    usable: faults.length === 0,
    ...(plugins !== undefined && { plugins }),
    ...(faults.length > 0 && { faults: faults.slice(0, MAX_SKIPPED_LISTED), faultCount: faults.length }),
  };
};

/** Failures that a credential may mend. */
const PRIVATE = [
  "SOURCE_CREDENTIAL_NEEDED",
  "SOURCE_CREDENTIAL_REFUSED",
  "SOURCE_REPOSITORY_MISSING",
] as const;
/** Failures of the host, which it will have at the next attempt too. */
const HOPELESS = [
  "SOURCE_UNREACHABLE",
  "SOURCE_CERTIFICATE",
  "SOURCE_TIMEOUT",
  "SOURCE_RATE_LIMITED",
] as const;

/** Trying out what an address may be, in the order of likelihood, until a registry.json is found. */
export const createProbe = ({ sources, forges, timeoutMs }: ProbeDeps): ProbeRegistry => {
  const attempt = async (
    fields: RegistryFields,
    credential: Credential | undefined,
    signal?: AbortSignal,
  ): Promise<ProbeAttempt> => {
    const source = sources.get(fields.provider);
    const use = source.credential(fields);
    try {
      const fetched = await source.fetch(fields, INDEX_FILE, {
        maxBytes: MAX_INDEX_BYTES,
        timeoutMs,
        ...(signal && { signal }),
        ...(credential && use?.kind === credential.kind && { credential }),
      });
      if (!fetched.changed) throw new HitagiError("SOURCE_STATUS", { status: 304, path: INDEX_FILE });
      const found = await readable(fetched.bytes);
      return { ...fields, ...found, outcome: "OK", ...(fetched.moved && { moved: fetched.moved }) };
    } catch (error) {
      if (!isHitagiError(error) || signal?.aborted) throw error;
      const { code, message, hint } = error;
      const wants = isHitagiError(error, ...PRIVATE) ? use?.kind : undefined;
      const failure = { code, error: message, hint };
      return { ...fields, usable: false, failure, outcome: code, ...(wants && { wants }) };
    }
  };

  /** The places that are meant; a provider, ref or folder that is given beside the address narrows them. */
  const placesOf = ({ address, name, ...given }: ProbeRequest): RegistryFields[] => {
    if (address === undefined) {
      const { provider } = given;
      if (provider === undefined) {
        throw new HitagiError("ADDRESS_UNKNOWN", { reason: "neither address nor provider is given" });
      }
      const fields = { ...given, provider, name: name ?? "a registry" };
      checkFields(sources, fields);
      return [fields];
    }
    const recognised = recognise(address, forges);
    if (typeof recognised === "string") throw new HitagiError("ADDRESS_UNKNOWN", { reason: recognised });
    return narrowed(recognised, { ...given, ...(name !== undefined && { name }) });
  };

  const narrowed = (recognised: RegistryFields[], given: Partial<RegistryFields>): RegistryFields[] => {
    const { provider, ...change } = given;
    const others = recognised.filter((fields) => provider === undefined || fields.provider === provider);
    const [first] = recognised;
    // A provider that the address does not look like is taken at its owner's word.
    const meant = others.length > 0 || provider === undefined || !first ? others : [{ ...first, provider }];
    const places = meant.map((fields) => ({ ...fields, ...change }));
    const fitting = places.filter((fields) => sources.get(fields.provider).check(fields) === undefined);
    if (fitting.length === 0 && places[0]) checkFields(sources, places[0]);
    return fitting.slice(0, MAX_TRIED);
  };

  const tryAll = async (
    places: RegistryFields[],
    credential: Credential | undefined,
    signal?: AbortSignal,
  ): Promise<ProbeAttempt[]> => {
    const attempted: ProbeAttempt[] = [];
    for (const place of places) {
      const found = await attempt(place, credential, signal);
      attempted.push(found);
      // A page that is not JSON at all is what many hosts answer for whatever they do not know.
      const isIndex = found.outcome === "OK" && found.faults?.[0]?.path !== "/";
      if (isIndex || HOPELESS.some((code) => code === found.outcome)) break;
    }
    return attempted;
  };

  return async ({ probe = true, ...request }, credential, signal) => {
    const places = placesOf(request);
    const [first] = places;
    if (!first) throw new HitagiError("ADDRESS_UNKNOWN", { reason: "nothing known looks like it" });
    if (places.length === 1) checkCredential(sources, first, credential);
    if (!probe) return { ...first, usable: false, tried: [] };
    const attempted = await tryAll(places, credential, signal);
    const tried = attempted.map(({ provider, url, ref, path, folder, outcome }) => ({
      provider,
      ...(url && { url }),
      ...(ref && { ref }),
      ...(path && { path }),
      ...(folder && { folder }),
      outcome,
    }));
    const { outcome: _, ...found } = chooseFound(attempted);
    return { ...found, tried };
  };
};
