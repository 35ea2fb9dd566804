import type { Forge, ForgeAddresses } from "./forge-table.ts";
import { webAddressProblem } from "./web-address.ts";

export interface ForgeProject {
  base: string;
  project: string[];
}

/** A valid name of an owner, a group or a repository. */
const NAME = /^(?!\.{1,2}$)[\w.-]+$/;

/** Whether an address is that of a forge, or below it. */
export const isBelow = (url: URL, base: string): boolean =>
  `${url.origin}${url.pathname}/`.toLowerCase().startsWith(`${base}/`.toLowerCase());

/** The known server that an address is on. */
export const knownBase = (forge: Forge, addresses: ForgeAddresses, url: URL): string | undefined =>
  forge.known(addresses).find((base) => isBelow(url, base));

/** Parses the address of a repository on a forge. @returns the repository, or the problem in words */
export const readProject = (forge: Forge, addresses: ForgeAddresses, text: string): ForgeProject | string => {
  const problem = webAddressProblem(text, "https:");
  if (problem !== undefined) return problem;
  const url = new URL(text);
  const known = knownBase(forge, addresses, url);
  if (forge.closed && known === undefined)
    return `url must be on ${forge
      .known(addresses)
      .join()
      .replace(/^https?:\/\//, "")}`;
  const base = known ?? url.origin;
  const below = `${url.origin}${url.pathname}`.slice(base.length).replace(/\/+$/, "");
  const project = below
    .replace(/\.git$/, "")
    .split("/")
    .filter(Boolean);
  const hasDepth = forge.nested ? project.length >= 2 : project.length === 2;
  if (hasDepth && project.every((name) => NAME.test(name) && name !== "-")) return { base, project };
  return forge.nested
    ? "url must name a repository: its group, groups below it, and its name"
    : "url must name a repository: its owner and its name";
};
