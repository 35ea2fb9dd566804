import type { RegistryFields } from "@hitagi/contract";
import { isBelow, knownBase, readProject } from "./forge-project.ts";
import { type ForgeAddresses, type ForgePage, type ForgeProvider, forgeRows } from "./forge-table.ts";
import { DEFAULT_REF } from "./repository-fields.ts";

/** The most segments of a branch name: an address does not tell where the branch ends and the folder begins. */
const MAX_REF_SEGMENTS = 4;

const UNNAMED_BRANCH =
  "it is the page of a pull request or a comparison, which names no branch; give the repository's address with the branch after #, such as https://host/owner/repository#branch";

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
const refsAndFolders = ({ rest, single }: ForgePage): { ref: string; folder?: string }[] => {
  const whole = rest?.at(-1) === "registry.json" ? rest.slice(0, -1) : (rest ?? []);
  const named = whole[0] === "refs" && whole.length > 2 ? whole.slice(2) : whole;
  const most = single ? 1 : Math.min(named.length, MAX_REF_SEGMENTS);
  const found = Array.from({ length: most }, (_, n) => {
    const folder = named.slice(n + 1).join("/");
    return { ref: named.slice(0, n + 1).join("/"), ...(folder && { folder }) };
  });
  return found.length > 0 ? found : [{ ref: DEFAULT_REF }];
};

const fieldsOf = (provider: ForgeProvider, base: string, page: ForgePage): RegistryFields[] => {
  const project = page.project.filter(Boolean).map((segment) => segment.replace(/\.git$/, ""));
  const url = `${base}/${project.join("/")}`;
  return refsAndFolders(page).map(({ ref, folder }) => ({
    name: [...project, ...(folder ? [folder] : [])].join("/"),
    provider,
    url,
    ref,
    ...(folder && { folder }),
  }));
};

/** Whether an address is on a known server of a forge. */
export const isOnForge = (url: URL, addresses: ForgeAddresses): boolean =>
  forgeRows.some(([, forge]) => {
    const rawHost = forge.rawHost?.(addresses);
    return (rawHost !== undefined && isBelow(url, rawHost)) || knownBase(forge, addresses, url) !== undefined;
  });

/** The candidates for an address on a recognised forge, or the problem in words if it is no repository. */
export const recogniseForge = (url: URL, addresses: ForgeAddresses): RegistryFields[] | string => {
  for (const [provider, forge] of forgeRows) {
    const rawHost = forge.rawHost?.(addresses);
    const raw = rawHost !== undefined && isBelow(url, rawHost) ? segmentsBelow(url, rawHost) : [];
    if (raw.length >= 3) {
      const page = { project: raw.slice(0, 2), rest: raw.slice(2) };
      return fieldsOf(provider, forge.known(addresses)[0] ?? url.origin, page);
    }
    const base =
      knownBase(forge, addresses, url) ?? (forge.pagePath?.test(url.pathname) ? url.origin : undefined);
    if (base === undefined) continue;
    const page = forge.page(segmentsBelow(url, base));
    if (page.unnamedBranch) return UNNAMED_BRANCH;
    const found = fieldsOf(provider, base, page);
    const project = readProject(forge, addresses, found[0]?.url ?? "");
    return typeof project === "string" ? project : found;
  }
  return [];
};
