import { type Credential, HitagiError, isHitagiError, type RegistryFields } from "@hitagi/contract";
import { webAuthorization } from "./authorization.ts";
import { type ForgeProject, readProject } from "./forge-project.ts";
import { type Forge, type ForgeAddresses, type ForgeProvider, forges } from "./forge-table.ts";
import { getRefs } from "./git/refs.ts";
import type { Http } from "./http.ts";
import { DEFAULT_REF, isCommit, repositoryProblem, segmentsInRepository } from "./repository-fields.ts";
import type { FetchOptions, Source } from "./types.ts";

export interface ForgeDeps {
  http: Http;
  forges: ForgeAddresses;
}

const MAX_MS = 10_000;

/** Whether a list of refs has this one, as a branch, a tag, or by its full name. */
const hasRef = (refs: string, ref: string): boolean =>
  ref === DEFAULT_REF ||
  isCommit(ref) ||
  [`refs/heads/${ref}`, `refs/tags/${ref}`, ref].some(
    (name) => refs.includes(` ${name}\n`) || refs.includes(` ${name}\0`),
  );

/** The commit of a ref in a list of refs, in which a peeled tag (`^{}`) has its own line (gitprotocol-pack). */
export const commitOf = (refs: string, ref: string): string | undefined => {
  if (isCommit(ref)) return ref;
  const full =
    ref === DEFAULT_REF ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}^{}`, `refs/tags/${ref}`, ref];
  for (const name of full) {
    const at = [`${name}\n`, `${name}\0`].map((end) => refs.indexOf(` ${end}`)).find((found) => found >= 40);
    const commit = at === undefined ? "" : refs.slice(at - 40, at);
    if (isCommit(commit)) return commit;
  }
  return undefined;
};

const gitAddressOf = ({ base, project }: ForgeProject): string => `${base}/${project.join("/")}.git`;

/**
 * Throws the reason why a file is missing. Forges respond the same for a missing file, ref and repository; the list of
 * refs (gitprotocol-http) tells them apart and counts against no rate limit of the forge's API.
 * @param missing the error where the file is missing, or where the reason remains unknown
 * @throws HitagiError SOURCE_REPOSITORY_MISSING, SOURCE_REF_MISSING, SOURCE_CREDENTIAL_REFUSED, or `missing`
 */
const throwMissing = async (
  http: Http,
  { base, project }: ForgeProject,
  ref: string,
  options: FetchOptions,
  missing: HitagiError,
): Promise<never> => {
  const address = { url: gitAddressOf({ base, project }), user: undefined };
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

const headersOf = (forge: Forge, credential: Credential): Record<string, string> =>
  credential.kind === "password"
    ? { authorization: webAuthorization(credential) }
    : forge.authorization(credential.secret);

/** Reads a repository on a forge through the forge's documented endpoint for raw files. */
export const createForgeSource = (
  provider: ForgeProvider,
  { http, forges: addresses }: ForgeDeps,
): Source => {
  const forge: Forge = forges[provider];
  const projectOf = ({ url = "" }: Pick<RegistryFields, "url">) => readProject(forge, addresses, url);
  return {
    provider,
    fields: ["url", "ref"],
    optional: ["folder"],
    credential: (fields) => {
      const project = projectOf(fields);
      if (typeof project === "string") return undefined;
      return { kind: "token", password: forge.password, origin: new URL(project.base).origin };
    },
    check: (fields) => {
      const project = projectOf(fields);
      return typeof project === "string" ? project : repositoryProblem(fields);
    },
    gitAddress: (fields) => {
      const project = projectOf(fields);
      return typeof project === "string" ? undefined : gitAddressOf(project);
    },
    atCommit: async (fields, options) => {
      const project = projectOf(fields);
      if (typeof project === "string") return undefined;
      const refs = await getRefs(http, { url: gitAddressOf(project), user: undefined }, options);
      const commit = refs.changed
        ? commitOf(refs.bytes.toString("latin1"), fields.ref ?? DEFAULT_REF)
        : undefined;
      return commit === undefined ? undefined : { ...fields, ref: commit };
    },
    fetch: async (fields, file, options) => {
      const { ref = "" } = fields;
      const segments = segmentsInRepository(fields, file);
      const project = projectOf(fields);
      // A record may no longer fit the configuration.
      if (typeof project === "string")
        throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider, reason: project });
      const { credential, ...limits } = options;
      const headers = credential ? headersOf(forge, credential) : {};
      const address = new URL(forge.rawAddress({ ...project, ref, segments }, addresses));
      return http.get(address, file, { ...limits, headers }).catch((error: unknown) => {
        if (!isHitagiError(error, "SOURCE_FILE_MISSING")) throw error;
        return throwMissing(http, project, ref, options, error);
      });
    },
  };
};
