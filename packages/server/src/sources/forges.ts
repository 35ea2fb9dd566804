import { HitagiError, isHitagiError, type RegistryFields } from "@hitagi/contract";
import { throwMissing } from "./forge-missing.ts";
import { type ForgeProject, readProject } from "./forge-project.ts";
import { type Forge, type ForgeBases, forges } from "./forge-table.ts";
import type { Http } from "./http.ts";
import { repositoryProblem, segmentsInRepository } from "./repository-fields.ts";
import type { Source } from "./types.ts";

interface ForgeDeps {
  http: Http;
  forges: ForgeBases;
}

const problemOf = (forge: Forge, bases: ForgeBases, fields: RegistryFields): string | undefined => {
  const project = readProject(forge, bases, fields.url ?? "");
  return typeof project === "string" ? project : repositoryProblem(fields);
};

/** @throws HitagiError REGISTRY_FIELDS_INVALID for a record that no longer fits the configuration */
const projectOf = ({ provider }: Forge, read: ForgeProject | string): ForgeProject => {
  if (typeof read !== "string") return read;
  throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider, reason: read });
};

/** Reads a repository on a forge through the forge's documented endpoint for raw files. */
const forgeSource =
  (forge: Forge) =>
  ({ http, forges: bases }: ForgeDeps): Source => ({
    provider: forge.provider,
    fields: ["url", "ref"],
    optional: ["folder"],
    credential: ({ url = "" }) => {
      const project = readProject(forge, bases, url);
      return typeof project === "string"
        ? undefined
        : { kind: "token", origin: new URL(project.base).origin };
    },
    check: (fields) => problemOf(forge, bases, fields),
    fetch: async (fields, file, options) => {
      const { url = "", ref = "" } = fields;
      const segments = segmentsInRepository(fields, file);
      const project = projectOf(forge, readProject(forge, bases, url));
      const { credential, ...limits } = options;
      const headers = credential ? forge.authorization(credential.secret) : {};
      const address = new URL(forge.rawAddress({ ...project, ref, segments }, bases));
      return http.get(address, file, { ...limits, headers }).catch((error: unknown) => {
        if (!isHitagiError(error, "SOURCE_FILE_MISSING")) throw error;
        return throwMissing(http, project, ref, options, error);
      });
    },
  });

export const createGithubSource = forgeSource(forges.github);
export const createGitlabSource = forgeSource(forges.gitlab);
export const createGiteaSource = forgeSource(forges.gitea);
