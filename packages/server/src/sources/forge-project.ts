import type { Forge, ForgeBases } from "./forge-table.ts";
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

/** The address of a repository's forge: a known one, or the root of its host. */
const baseOf = (forge: Forge, bases: ForgeBases, url: URL): string =>
  forge.known(bases).find((base) => isBelow(url, base)) ?? url.origin;

const hostOf = (base: string): string => base.replace(/^https?:\/\//, "");

/** Parses the address of a repository on a forge. @returns the repository, or the problem in words */
export const readProject = (forge: Forge, bases: ForgeBases, text: string): ForgeProject | string => {
  const problem = webAddressProblem(text, "https:");
  if (problem !== undefined) return problem;
  const url = new URL(text);
  const only = forge.only?.(bases);
  if (only !== undefined && !isBelow(url, only)) return `url must be on ${hostOf(only)}`;
  const base = baseOf(forge, bases, url);
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
