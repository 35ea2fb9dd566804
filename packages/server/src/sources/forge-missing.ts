import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { ForgeProject } from "./forge-project.ts";
import { getRefs } from "./git/refs.ts";
import type { Http } from "./http.ts";
import { DEFAULT_REF, isCommit } from "./repository-fields.ts";
import type { FetchOptions } from "./types.ts";

const MAX_MS = 10_000;

/** Whether a list of refs has this one, as a branch, a tag, or by its full name. */
const hasRef = (refs: string, ref: string): boolean =>
  ref === DEFAULT_REF ||
  isCommit(ref) ||
  [`refs/heads/${ref}`, `refs/tags/${ref}`, ref].some(
    (name) => refs.includes(` ${name}\n`) || refs.includes(` ${name}\0`),
  );

/**
 * Throws the reason why a file is missing. Forges respond the same for a missing file, ref and repository; the list of
 * refs (gitprotocol-http) tells them apart and counts against no rate limit of the forge's API.
 * @param missing the error where the file is missing, or where the reason remains unknown
 * @throws HitagiError SOURCE_REPOSITORY_MISSING, SOURCE_REF_MISSING, SOURCE_CREDENTIAL_REFUSED, or `missing`
 */
export const throwMissing = async (
  http: Http,
  { base, project }: ForgeProject,
  ref: string,
  options: FetchOptions,
  missing: HitagiError,
): Promise<never> => {
  const address = { url: `${base}/${project.join("/")}.git`, user: undefined };
  const limits = { ...options, timeoutMs: Math.min(MAX_MS, options.timeoutMs) };
  const refs = await getRefs(http, address, limits).catch((error: unknown) => {
    if (isHitagiError(error, "SOURCE_CREDENTIAL_REFUSED")) throw error;
    if (isHitagiError(error, "SOURCE_CREDENTIAL_NEEDED", "SOURCE_FILE_MISSING")) {
      throw new HitagiError("SOURCE_REPOSITORY_MISSING", {}, { cause: error });
    }
    throw missing;
  });
  if (refs.changed && !hasRef(refs.bytes.toString("latin1"), Buffer.from(ref).toString("latin1"))) {
    throw new HitagiError("SOURCE_REF_MISSING", { ref });
  }
  throw missing;
};
