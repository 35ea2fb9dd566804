import { HitagiError, MAX_DETAILS_BYTES, type Registry } from "@hitagi/contract";
import type { VerifiedHead } from "@hitagi/trust";
import { utcTime } from "../../clock.ts";
import { sha256Of } from "../../disk/sha256.ts";
import { assertFetched } from "../../sources/assert-fetched.ts";
import type { IndexChange, Store } from "../../store/types.ts";
import { checkDetails } from "../index-check.ts";
import type { RegistryFiles } from "../registry-files.ts";
import type { SeenBreach } from "../seen-versions.ts";
import type { FetchBudget } from "./fetch-budget.ts";
import { DETAILS_FILE } from "./heads.ts";

/** The details that a head names. */
export interface SignedDetails {
  /** What becomes the cached details; undefined leaves those that are there. */
  change: IndexChange["details"];
  yanked: readonly string[];
}

interface DetailsDeps {
  files: RegistryFiles;
  store: Pick<Store, "catalog">;
}

/** @throws HitagiError REGISTRY_TORN where bytes are not those that a head names */
export const assertNamed = (bytes: Buffer, sha256: string, path: string): void => {
  if (sha256Of(bytes) !== sha256) throw new HitagiError("REGISTRY_TORN", { path });
};

/**
 * Reads the details that a head names. Details that are not valid hide the texts only: what was yanked stays yanked.
 * @throws HitagiError REGISTRY_TORN, and what the source throws
 */
export const readDetails = async (
  { files, store }: DetailsDeps,
  registry: Registry,
  { details: sha256 }: Pick<VerifiedHead, "details">,
  budget: FetchBudget,
  signal: AbortSignal | undefined,
): Promise<SignedDetails> => {
  if (sha256 === undefined) return { change: null, yanked: [] };
  const cached = await store.catalog.details(registry.id);
  const before = cached && (await checkDetails(cached));
  if (cached && before && sha256Of(cached) === sha256) return { change: undefined, yanked: before.yanked };
  const fetched = await budget.spend(DETAILS_FILE, (timeoutMs) =>
    files(registry, DETAILS_FILE, { maxBytes: MAX_DETAILS_BYTES, timeoutMs, signal }),
  );
  assertFetched(fetched, DETAILS_FILE);
  assertNamed(fetched.bytes, sha256, DETAILS_FILE);
  const { problem, yanked } = await checkDetails(fetched.bytes);
  if (problem === undefined) return { change: fetched.bytes, yanked };
  return { change: before?.yanks, yanked: before?.yanked ?? [] };
};

/** @throws HitagiError VERSION_CHANGED */
const assertSame = (changed: SeenBreach["changed"]): void => {
  if (!changed) return;
  const { since, version, ...found } = changed;
  throw new HitagiError("VERSION_CHANGED", { ...found, version, first: version, since: utcTime(since) });
};

/**
 * Rule 7: a version that was accepted stays with its hash, or is named among the yanked.
 * @throws HitagiError VERSION_CHANGED, VERSION_REMOVED
 */
export const assertVersionsStay = (breach: SeenBreach | undefined, yanked: readonly string[]): void => {
  assertSame(breach?.changed);
  const named = new Set(yanked);
  const missing = breach?.removed.find((key) => !named.has(key));
  if (missing === undefined) return;
  const [namespace = "", version = ""] = missing.split("\t");
  throw new HitagiError("VERSION_REMOVED", { namespace, version });
};
