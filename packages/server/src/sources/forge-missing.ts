import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { ForgeProject } from "./forge-project.ts";
import { DEFAULT_REF, isCommit } from "./git-ref.ts";
import type { Http } from "./http.ts";
import type { FetchOptions } from "./types.ts";

const MAX_REFS_BYTES = 8 * 1024 * 1024;
const MAX_MS = 10_000;

/** Every forge takes a token as the password of any user at its git endpoint. */
const basic = (token: string): string => `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;

/** Whether an advertisement of refs names this one as a branch, a tag, or in full. */
const hasRef = (refs: string, ref: string): boolean =>
  ref === DEFAULT_REF ||
  isCommit(ref) ||
  [`refs/heads/${ref}`, `refs/tags/${ref}`, ref].some(
    (name) => refs.includes(` ${name}\n`) || refs.includes(` ${name}\0`),
  );

/**
 * Why a forge says that a file is missing: forges say the same of a repository or ref that is not there. The
 * repository's list of refs (gitprotocol-http) tells, and counts against no limit of the forge's API.
 * @param missing what to throw where it is the file, or where nothing can be learned
 * @throws HitagiError SOURCE_REPOSITORY_MISSING, SOURCE_REF_MISSING, SOURCE_CREDENTIAL_REFUSED, or `missing`
 */
export const throwMissing = async (
  http: Http,
  { base, project }: ForgeProject,
  ref: string,
  options: FetchOptions,
  missing: HitagiError,
): Promise<never> => {
  const { credential, signal } = options;
  const address = new URL(`${base}/${project.join("/")}.git/info/refs?service=git-upload-pack`);
  const refs = await http
    .get(address, "info/refs", {
      maxBytes: MAX_REFS_BYTES,
      timeoutMs: Math.min(MAX_MS, options.timeoutMs),
      ...(signal && { signal }),
      ...(credential && { headers: { authorization: basic(credential.secret) } }),
    })
    .catch((error: unknown) => {
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
