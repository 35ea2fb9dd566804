import type { Provider } from "@hitagi/contract";
import { DEFAULT_REF } from "./repository-fields.ts";

/** Addresses of the forges, without a slash at the end. */
export interface ForgeBases {
  /** GitHub: its repositories are below this address. */
  github: string;
  githubRaw: string;
  /** Known GitLab servers. A server below a path must be listed here to be recognised. */
  gitlab: readonly string[];
  /** Known Gitea and Forgejo servers, likewise. */
  gitea: readonly string[];
}

export interface ForgeFile {
  base: string;
  /** Owner and repository; on GitLab also the groups between them. */
  project: readonly string[];
  ref: string;
  segments: readonly string[];
}

/** The differences between forges. */
export interface Forge {
  provider: Provider & ("github" | "gitlab" | "gitea");
  /** The only address of its repositories, if there is one. */
  only?: (bases: ForgeBases) => string;
  known(bases: ForgeBases): readonly string[];
  nested: boolean;
  /** The address of a raw file at its documented endpoint. */
  rawAddress(file: ForgeFile, bases: ForgeBases): string;
  /** The header with a token for that endpoint. */
  authorization(token: string): Record<string, string>;
}

const encoded = (segments: readonly string[]): string => segments.map(encodeURIComponent).join("/");

export const forges: Record<Forge["provider"], Forge> = {
  // https://docs.github.com/en/repositories/working-with-files/using-files/viewing-and-understanding-files
  github: {
    provider: "github",
    only: ({ github }) => github,
    known: ({ github }) => [github],
    nested: false,
    rawAddress: ({ project, ref, segments }, { githubRaw }) =>
      `${githubRaw}/${encoded([...project, ...ref.split("/"), ...segments])}`,
    authorization: (token) => ({ authorization: `token ${token}` }),
  },
  // https://docs.gitlab.com/api/repository_files/#retrieve-a-raw-file-from-a-repository
  gitlab: {
    provider: "gitlab",
    known: ({ gitlab }) => gitlab,
    nested: true,
    rawAddress: ({ base, project, ref, segments }) =>
      `${base}/api/v4/projects/${encodeURIComponent(project.join("/"))}/repository/files/${encodeURIComponent(
        segments.join("/"),
      )}/raw?ref=${encodeURIComponent(ref)}`,
    authorization: (token) => ({ "private-token": token }),
  },
  // https://docs.gitea.com/api: repoGetRawFile; without a ref it reads the default branch; HEAD is not documented
  gitea: {
    provider: "gitea",
    known: ({ gitea }) => gitea,
    nested: false,
    rawAddress: ({ base, project, ref, segments }) =>
      `${base}/api/v1/repos/${encoded(project)}/raw/${encoded(segments)}${
        ref === DEFAULT_REF ? "" : `?ref=${encodeURIComponent(ref)}`
      }`,
    authorization: (token) => ({ authorization: `token ${token}` }),
  },
};
