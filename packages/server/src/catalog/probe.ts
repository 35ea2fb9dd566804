import {
  type Credential,
  type ErrorCode,
  type FoundRegistry,
  HitagiError,
  isHitagiError,
  type RegistryFields,
} from "@hitagi/contract";
import { assertFetched } from "../sources/assert-fetched.ts";
import { isAccepted } from "../sources/authorization.ts";
import type { ForgeAddresses } from "../sources/forge-table.ts";
import { recognise } from "../sources/recognise.ts";
import { DEFAULT_REF } from "../sources/repository-fields.ts";
import type { Sources } from "../sources/sources.ts";
import { summarize } from "./index-check.ts";
import { withIndexInMemory } from "./index-memory.ts";
import { probeFiles, withGeneratedIndex } from "./probe-files.ts";
import { checkCredential, checkFields, trimmed } from "./registry-fields.ts";
import { INDEX_FILE } from "./registry-files.ts";
import type { ProbeRegistry, ProbeRequest } from "./types.ts";

export interface ProbeDeps {
  sources: Sources;
  forges: ForgeAddresses;
  /** Milliseconds that one fetch may take in all. */
  timeoutMs: number;
}

const MAX_TRIED = 8;

/** The result of one candidate. `tried` lists all candidates and is added at the end. */
interface Attempt extends Omit<FoundRegistry, "tried"> {
  outcome: "OK" | ErrorCode;
  /** Whether the file is a JSON object, and no web page with the status 200. */
  isIndex: boolean;
}

const inspect = async (
  bytes: Buffer,
): Promise<Pick<Attempt, "usable" | "plugins" | "faults" | "faultCount" | "isIndex">> => {
  const { isObject, faults, faultCount, plugins } = await summarize(bytes);
  return {
    usable: faultCount === 0,
    isIndex: isObject,
    ...(plugins !== undefined && { plugins }),
    ...(faultCount > 0 && { faults, faultCount }),
  };
};

/** Failures that a credential may resolve. */
const CREDENTIAL_MAY_HELP: readonly string[] = [
  "SOURCE_CREDENTIAL_NEEDED",
  "SOURCE_CREDENTIAL_REFUSED",
  "SOURCE_LOGIN_PAGE",
  "SOURCE_REPOSITORY_MISSING",
];
/** Failures of the host, which every other candidate on it shares. */
const HOST_FAILED: readonly string[] = [
  "SOURCE_UNREACHABLE",
  "SOURCE_CERTIFICATE",
  "SOURCE_TIMEOUT",
  "SOURCE_RATE_LIMITED",
  "SOURCE_CAPTIVE_PORTAL",
];
/** The failures that say most about where the registry is, the most useful first. */
const MOST_USEFUL: readonly ErrorCode[] = [
  "SOURCE_CREDENTIAL_REFUSED",
  "SOURCE_RATE_LIMITED",
  "SOURCE_REF_MISSING",
  "SOURCE_CREDENTIAL_NEEDED",
  "SOURCE_LOGIN_PAGE",
];

const unknownAddress = (reason: string): HitagiError => new HitagiError("ADDRESS_UNKNOWN", { reason });
const NO_CANDIDATE = "nothing known looks like it";

/** Whether an address names no other ref or folder than those that are given beside it. */
const agrees = (named: RegistryFields, { ref, folder }: Partial<RegistryFields>): boolean =>
  (ref === undefined || named.ref === undefined || named.ref === DEFAULT_REF || named.ref === ref) &&
  (folder === undefined || named.folder === undefined || named.folder === folder);

/** What is said of a candidate that was tried. */
const triedOf = (
  { provider, url, ref, path, folder }: RegistryFields,
  outcome: string,
): FoundRegistry["tried"][number] => ({
  provider,
  ...(url && { url }),
  ...(ref && { ref }),
  ...(path && { path }),
  ...(folder && { folder }),
  outcome,
});

/** The most likely candidate: one with an index, else the one with the most useful failure, else the first. */
const chooseFound = (attempts: readonly Attempt[]): Attempt => {
  const fetched = attempts.filter(({ outcome }) => outcome === "OK");
  const index = fetched.find(({ usable }) => usable) ?? fetched.find(({ isIndex }) => isIndex);
  const [useful] = MOST_USEFUL.flatMap((code) => attempts.find(({ outcome }) => outcome === code) ?? []);
  // An existing repository without a registry.json is more likely than a host that has no such repository.
  const repository = attempts.find(
    ({ outcome, provider }) => outcome === "SOURCE_FILE_MISSING" && provider !== "cdn",
  );
  const found = index ?? useful ?? repository ?? fetched[0] ?? attempts[0];
  if (!found) throw unknownAddress(NO_CANDIDATE);
  return found;
};

/** Splits an address from the fingerprint that it names after `#key=`. */
const splitKey = (address: string | undefined): [address: string | undefined, key: string | undefined] => {
  const [, place, key] = /^(.*?)#key=([0-9a-f]{64})\s*$/i.exec(address ?? "") ?? [];
  return place === undefined ? [address, undefined] : [place, key?.toLowerCase()];
};

/** Tries the candidates for an address, the most likely first, until one has a registry.json. */
export const createProbe = ({ sources, forges, timeoutMs }: ProbeDeps): ProbeRegistry => {
  /** The kind of credential that may resolve a failure. */
  const wantedBy = (code: string, fields: RegistryFields) =>
    CREDENTIAL_MAY_HELP.includes(code) ? sources.get(fields.provider).credential(fields)?.kind : undefined;

  const attempt = async (
    fields: RegistryFields,
    credential: Credential | undefined,
    signal?: AbortSignal,
  ): Promise<Attempt> => {
    const source = sources.get(fields.provider);
    const use = source.credential(fields);
    try {
      const options = {
        timeoutMs,
        ...(signal && { signal }),
        ...(credential && isAccepted(use, credential.kind) && { credential }),
      };
      return await withIndexInMemory(
        (maxBytes) => source.fetch(fields, INDEX_FILE, { ...options, maxBytes }),
        async (fetched) => {
          assertFetched(fetched, INDEX_FILE);
          const found = await inspect(fetched.bytes);
          return {
            ...fields,
            ...found,
            outcome: "OK" as const,
            ...(fetched.moved && { moved: fetched.moved }),
          };
        },
      );
    } catch (error) {
      if (!isHitagiError(error) || signal?.aborted) throw error;
      const { code, message, hint } = error;
      const wants = wantedBy(code, fields);
      const failure = { code, error: message, hint };
      return { ...fields, usable: false, isIndex: false, failure, outcome: code, ...(wants && { wants }) };
    }
  };

  /** The candidates for a request. A provider, ref or folder beside the address narrows them. */
  const candidatesFor = ({ address, name, ...given }: ProbeRequest): RegistryFields[] => {
    if (address === undefined) {
      const { provider } = given;
      if (provider === undefined) throw unknownAddress("neither address nor provider is given");
      const fields = { ...given, provider, name: name ?? "a registry" };
      checkFields(sources, fields);
      return [fields];
    }
    const recognised = recognise(address, forges);
    if (typeof recognised === "string") throw unknownAddress(recognised);
    return narrow(recognised, { ...given, ...(name !== undefined && { name }) });
  };

  const narrow = (recognised: RegistryFields[], given: Partial<RegistryFields>): RegistryFields[] => {
    const { provider, ...change } = given;
    const agreeing = recognised.filter((fields) => agrees(fields, change));
    if (agreeing.length === 0)
      throw unknownAddress("it names another branch or folder than those that are given beside it");
    const matching = agreeing.filter((fields) => provider === undefined || fields.provider === provider);
    const [first] = agreeing;
    // A given provider is trusted, even where the address does not look like it.
    const meant =
      matching.length > 0 || provider === undefined || !first ? matching : [{ ...first, provider }];
    const candidates = meant.map((fields) => ({ ...fields, ...change }));
    const valid = candidates.filter((fields) => sources.get(fields.provider).check(fields) === undefined);
    if (valid.length === 0 && candidates[0]) checkFields(sources, candidates[0]);
    return valid.slice(0, MAX_TRIED);
  };

  const tryInOrder = async (
    candidates: RegistryFields[],
    credential: Credential | undefined,
    signal?: AbortSignal,
  ): Promise<Attempt[]> => {
    const attempts: Attempt[] = [];
    for (const candidate of candidates) {
      const found = await attempt(candidate, credential, signal);
      attempts.push(found);
      if (found.isIndex || HOST_FAILED.includes(found.outcome)) break;
    }
    return attempts;
  };

  /** The registry at an address with a generated index, as it was asked for. */
  const findGenerated = async (
    candidates: RegistryFields[],
    probe: boolean,
    credential: Credential | undefined,
    signal?: AbortSignal,
  ): Promise<FoundRegistry> => {
    const [first] = candidates.flatMap((fields) => withGeneratedIndex(sources, fields) ?? []);
    if (!first) {
      // This throws that the files cannot be listed.
      if (candidates[0]) checkFields(sources, { ...candidates[0], generateIndex: true });
      throw unknownAddress(NO_CANDIDATE);
    }
    if (!probe) return { ...first, usable: false, tried: [] };
    const found = await probeFiles({ sources, timeoutMs }, candidates, credential, signal);
    if (!found) throw unknownAddress(NO_CANDIDATE);
    const { failure } = found;
    const wants = failure && wantedBy(failure.code, found);
    const tried = [triedOf(found, failure?.code ?? "OK")];
    return { ...found, usable: found.files > 0, ...(wants && { wants }), tried };
  };

  const find: ProbeRegistry = async ({ probe = true, generateIndex, ...request }, credential, signal) => {
    const candidates = candidatesFor(trimmed(request));
    const [first] = candidates;
    if (!first) throw unknownAddress(NO_CANDIDATE);
    if (candidates.length === 1) checkCredential(sources, first, credential);
    if (generateIndex) return findGenerated(candidates, probe, credential, signal);
    if (!probe) return { ...first, usable: false, tried: [] };
    const attempts = await tryInOrder(candidates, credential, signal);
    const tried = attempts.map((one) => triedOf(one, one.outcome));
    const { outcome: _, isIndex, ...found } = chooseFound(attempts);
    if (isIndex) return { ...found, tried };
    const isWithout = (n: number) => attempts[n]?.outcome === "SOURCE_FILE_MISSING";
    const without = candidates.filter((_, n) => isWithout(n));
    const offered = await probeFiles({ sources, timeoutMs }, without, credential, signal);
    if (!offered?.files) return { ...found, tried };
    const failure = attempts.find((_, n) => isWithout(n))?.failure;
    return { ...offered, usable: false, ...(failure && { failure }), tried };
  };

  return async (request, ...rest) => {
    const [address, key] = splitKey(request.address);
    const found = await find({ ...request, address }, ...rest);
    return { ...found, ...(key !== undefined && { key }) };
  };
};
