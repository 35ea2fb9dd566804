import type { Provider } from "@hitagi/contract";
import { DEFAULT_REF } from "./repository-fields.ts";

/** The settings with the addresses of the forges, without a slash at the end. */
export interface ForgeAddresses {
  githubUrl: string;
  githubRawUrl: string;
  /** A server below a path must be listed to be recognised. */
  gitlabUrl: readonly string[];
  giteaUrl: readonly string[];
}

export interface ForgeFile {
  base: string;
  /** Owner and repository; on GitLab also the groups between them. */
  project: readonly string[];
  ref: string;
  segments: readonly string[];
}

/** The address of a page on a forge, split into the repository and the rest. */
export interface ForgePage {
  project: string[];
  /** The ref and the folder together; undefined where the page shows no folder. */
  rest: string[] | undefined;
  /** Whether the ref is one segment. */
  single?: boolean;
  /** Whether the page concerns another branch than the default one, and does not say which. */
  unnamedBranch?: boolean;
}

/** The differences between forges. */
export interface Forge {
  /** The addresses of its known servers. */
  known(addresses: ForgeAddresses): readonly string[];
  /** Whether it has no other servers. */
  closed?: boolean;
  /** Whether groups may hold groups. */
  nested?: boolean;
  /** The address of a raw file at its documented endpoint. */
  rawAddress(file: ForgeFile, addresses: ForgeAddresses): string;
  /** Whether that endpoint accepts a user and password too (RFC 7617). */
  password?: boolean;
  /** The header with a token for that endpoint. */
  authorization(token: string): Record<string, string>;
  /** Splits the path of a web page. */
  page(segments: string[]): ForgePage;
  /** The paths of pages that identify this forge on an unknown host. */
  pagePath?: RegExp;
  /** A host of raw files, whose addresses have nothing between the repository and the ref. */
  rawHost?(addresses: ForgeAddresses): string;
}

const encoded = (segments: readonly string[]): string => segments.map(encodeURIComponent).join("/");

const isView = (segment = ""): boolean => /^(?:tree|blob|raw|edit|blame|commits|src)$/.test(segment);

/** The ref of a page that shows a tag, a release or a commit, and no folder. */
const refOfPage = ([view, ...rest]: readonly (string | undefined)[]): string[] | undefined => {
  const path = [view, ...rest].join("/");
  const [, ref] = /^(?:releases\/tag|releases|tags|commit)\/(.+)$/.exec(path) ?? [];
  return ref?.split("/");
};

/** Whether a page shows a pull request, a merge request or a comparison. */
const hasUnnamedBranch = ([view = "", ...rest]: readonly string[]): boolean =>
  /^(?:pulls?|merge_requests|compare)$/.test(view) && rest.length > 0;

/** One row for each forge. The drivers, the recognition of addresses and the checks of fields derive from it. */
export const forges = {
  // https://docs.github.com/en/repositories/working-with-files/using-files/viewing-and-understanding-files
  github: {
    known: ({ githubUrl }) => [githubUrl],
    closed: true,
    rawAddress: ({ project, ref, segments }, { githubRawUrl }) =>
      `${githubRawUrl}/${encoded([...project, ...ref.split("/"), ...segments])}`,
    authorization: (token) => ({ authorization: `token ${token}` }),
    page: ([owner = "", repository = "", view = "", ...rest]) => ({
      project: [owner, repository],
      rest: isView(view) ? rest : refOfPage([view, ...rest]),
      single: view === "commit",
      unnamedBranch: hasUnnamedBranch([view, ...rest]),
    }),
    rawHost: ({ githubRawUrl }) => githubRawUrl,
  },
  // https://docs.gitea.com/api: repoGetRawFile; without a ref it reads the default branch; HEAD is not documented
  gitea: {
    known: ({ giteaUrl }) => giteaUrl,
    password: true,
    rawAddress: ({ base, project, ref, segments }) =>
      `${base}/api/v1/repos/${encoded(project)}/raw/${encoded(segments)}${
        ref === DEFAULT_REF ? "" : `?ref=${encodeURIComponent(ref)}`
      }`,
    authorization: (token) => ({ authorization: `token ${token}` }),
    page: ([owner = "", repository = "", view = "", kind = "", ...rest]) => ({
      project: [owner, repository],
      rest: /^(?:src|raw|media|commits)\/(?:branch|tag|commit)$/.test(`${view}/${kind}`)
        ? rest
        : refOfPage([view, kind, ...rest]),
      single: kind === "commit" || view === "commit",
      unnamedBranch: hasUnnamedBranch([view, ...(kind ? [kind] : []), ...rest]),
    }),
    pagePath: /^\/[^/]+\/[^/]+\/(?:src|raw|media|commits)\/(?:branch|tag|commit)\//,
  },
  // https://docs.gitlab.com/api/repository_files/#retrieve-a-raw-file-from-a-repository
  gitlab: {
    known: ({ gitlabUrl }) => gitlabUrl,
    nested: true,
    rawAddress: ({ base, project, ref, segments }) =>
      `${base}/api/v4/projects/${encodeURIComponent(project.join("/"))}/repository/files/${encodeURIComponent(
        segments.join("/"),
      )}/raw?ref=${encodeURIComponent(ref)}`,
    authorization: (token) => ({ "private-token": token }),
    page: (segments) => {
      const mark = segments.indexOf("-");
      if (mark < 0) return { project: segments, rest: undefined };
      const [view, ...after] = segments.slice(mark + 1);
      const rest = isView(view) ? after : refOfPage([view, ...after]);
      const unnamedBranch = hasUnnamedBranch(segments.slice(mark + 1));
      return { project: segments.slice(0, mark), rest, single: view === "commit", unnamedBranch };
    },
    pagePath: /\/-\/(?:tree|blob|raw|edit|blame|commits)\//,
  },
} satisfies Partial<Record<Provider, Forge>>;

/** A provider that is a forge. */
export type ForgeProvider = keyof typeof forges;

/** All forges, in the order in which an address is compared with them. */
export const forgeRows = Object.entries(forges) as [ForgeProvider, Forge][];
