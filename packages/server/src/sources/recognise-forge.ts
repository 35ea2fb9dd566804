import type { RegistryFields } from "@hitagi/contract";
import { isBelow, readProject } from "./forge-project.ts";
import { type Forge, type ForgeBases, forges } from "./forge-table.ts";
import { DEFAULT_REF } from "./repository-fields.ts";

/** The most segments of a branch name: an address does not tell where the branch ends and the folder begins. */
const MAX_REF_SEGMENTS = 4;

/** The address of a page on a forge, split into the repository and the rest. */
interface Page {
  project: string[];
  /** The ref and the folder together; undefined where the page shows no folder. */
  rest: string[] | undefined;
  /** Whether the ref is one segment. */
  single?: boolean;
}

const VIEWS = new Set(["tree", "blob", "raw", "edit", "blame", "commits", "src"]);

const isView = (segment: string | undefined): boolean => segment !== undefined && VIEWS.has(segment);

const onGithub = (segments: string[]): Page => ({
  project: segments.slice(0, 2),
  rest: isView(segments[2]) ? segments.slice(3) : undefined,
});

const onGitlab = (segments: string[]): Page => {
  const mark = segments.indexOf("-");
  if (mark < 0) return { project: segments, rest: undefined };
  return {
    project: segments.slice(0, mark),
    rest: isView(segments[mark + 1]) ? segments.slice(mark + 2) : undefined,
  };
};

const GITEA_VIEWS = new Set(["src", "raw", "media", "commits"]);
const GITEA_REFS = new Set(["branch", "tag", "commit"]);

const onGitea = (segments: string[]): Page => {
  const [, , view = "", kind = ""] = segments;
  const marked = GITEA_VIEWS.has(view) && GITEA_REFS.has(kind);
  return {
    project: segments.slice(0, 2),
    rest: marked ? segments.slice(4) : undefined,
    single: kind === "commit",
  };
};

const pages = { github: onGithub, gitlab: onGitlab, gitea: onGitea } as const;

/** The path patterns that identify this forge on an unknown host. */
const patterns: Record<Forge["provider"], RegExp | undefined> = {
  github: undefined,
  gitlab: /\/-\/(?:tree|blob|raw|edit|blame|commits)\//,
  gitea: /^\/[^/]+\/[^/]+\/(?:src|raw|media|commits)\/(?:branch|tag|commit)\//,
};

const baseFor = (forge: Forge, bases: ForgeBases, url: URL): string | undefined => {
  const known = forge.known(bases).find((base) => isBelow(url, base));
  return known ?? (patterns[forge.provider]?.test(url.pathname) ? url.origin : undefined);
};

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const segmentsBelow = (url: URL, base: string): string[] =>
  `${url.origin}${url.pathname}`.slice(base.length).split("/").filter(Boolean).map(decode);

/** The possible splits of the rest into a ref and a folder. */
const refsAndFolders = ({ rest, single }: Page): { ref: string; folder?: string }[] => {
  const whole = rest?.at(-1) === "registry.json" ? rest.slice(0, -1) : (rest ?? []);
  const named = whole[0] === "refs" && whole.length > 2 ? whole.slice(2) : whole;
  const most = single ? 1 : Math.min(named.length, MAX_REF_SEGMENTS);
  const found = Array.from({ length: most }, (_, n) => {
    const folder = named.slice(n + 1).join("/");
    return { ref: named.slice(0, n + 1).join("/"), ...(folder && { folder }) };
  });
  return found.length > 0 ? found : [{ ref: DEFAULT_REF }];
};

const fieldsOf = (forge: Forge, base: string, page: Page): RegistryFields[] => {
  const project = page.project.map((segment) => segment.replace(/\.git$/, ""));
  const url = `${base}/${project.join("/")}`;
  return refsAndFolders(page).map(({ ref, folder }) => ({
    name: [...project, ...(folder ? [folder] : [])].join("/"),
    provider: forge.provider,
    url,
    ref,
    ...(folder && { folder }),
  }));
};

/** A file on GitHub's host of raw files; its address has nothing between the repository and the ref. */
const onRawHost = (url: URL, bases: ForgeBases): RegistryFields[] => {
  if (!isBelow(url, bases.githubRaw)) return [];
  const segments = segmentsBelow(url, bases.githubRaw);
  if (segments.length < 3) return [];
  return fieldsOf(forges.github, bases.github, { project: segments.slice(0, 2), rest: segments.slice(2) });
};

/** The candidates for an address on a recognised forge, or the problem in words if it is no repository. */
export const recogniseForge = (url: URL, bases: ForgeBases): RegistryFields[] | string => {
  const raw = onRawHost(url, bases);
  if (raw.length > 0) return raw;
  for (const forge of Object.values(forges)) {
    const base = baseFor(forge, bases, url);
    if (base === undefined) continue;
    const found = fieldsOf(forge, base, pages[forge.provider](segmentsBelow(url, base)));
    const project = readProject(forge, bases, found[0]?.url ?? "");
    return typeof project === "string" ? project : found;
  }
  return [];
};
