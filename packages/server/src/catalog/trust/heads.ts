import { HitagiError, isHitagiError, type Registry, type RegistryIdentity } from "@hitagi/contract";
import {
  fingerprintOf,
  isHeadFile,
  MAX_NOTE_BYTES,
  TrustError,
  type VerifiedHead,
  verifyHead,
} from "@hitagi/trust";
import { assertFetched } from "../../sources/assert-fetched.ts";
import type { Fetched } from "../../sources/types.ts";
import type { FetchBudget } from "./fetch-budget.ts";

export const HEAD_FILE = "registry.head";
export const DETAILS_FILE = "registry.details.json";

/** A registry as a refusal names it. */
export type NamedRegistry = Pick<Registry, "id" | "name">;

/** A refusal of a head, as an error of the contract. */
const refusal = ({ id, name }: NamedRegistry, { code, message: reason }: TrustError): HitagiError =>
  // Every code of a head's refusal has these parameters.
  new HitagiError(code as "HEAD_FORKED", { id, name, reason });

/** Runs a check of packages/trust. @throws HitagiError with the code of its refusal */
export const refusing = <T>(registry: NamedRegistry, check: () => T): T => {
  try {
    return check();
  } catch (error) {
    throw error instanceof TrustError ? refusal(registry, error) : error;
  }
};

/** Reads the form of a head, and verifies its signatures. @throws HitagiError HEAD_INVALID, KEYS_NOT_CERTIFIED, SIGNATURE_UNKNOWN */
export const readHead = (registry: NamedRegistry, bytes: Uint8Array): VerifiedHead =>
  refusing(registry, () => verifyHead(bytes));

/** What a head says of its registry. */
export const identityOf = ({ origin, recovery }: VerifiedHead): RegistryIdentity => {
  const { hex, words } = fingerprintOf(recovery);
  return { origin, fingerprint: hex, words };
};

/** Reads a file of a registry. @throws what Source.fetch throws */
type FilesOf<R> = (
  registry: R,
  file: string,
  options: { maxBytes: number; timeoutMs: number; signal: AbortSignal | undefined },
) => Promise<Fetched>;

/**
 * Fetches the head of a registry. Only a clear "not there", or another file, means that it is not signed.
 * @returns undefined then
 * @throws HitagiError HEAD_INVALID (too large), and what the source throws
 */
export const fetchHead = async <R extends NamedRegistry>(
  files: FilesOf<R>,
  registry: R,
  budget: FetchBudget,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> => {
  try {
    const fetched = await budget.spend(HEAD_FILE, (timeoutMs) =>
      files(registry, HEAD_FILE, { maxBytes: MAX_NOTE_BYTES, timeoutMs, signal }),
    );
    assertFetched(fetched, HEAD_FILE);
    return isHeadFile(fetched.bytes) ? fetched.bytes : undefined;
  } catch (error) {
    if (isHitagiError(error, "SOURCE_FILE_MISSING")) return undefined;
    if (isHitagiError(error, "SOURCE_TOO_LARGE"))
      throw new HitagiError("HEAD_INVALID", {
        id: registry.id,
        name: registry.name,
        reason: `it has more than ${MAX_NOTE_BYTES} bytes`,
      });
    throw error;
  }
};
