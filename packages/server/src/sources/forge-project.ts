import type { Forge, ForgeBases } from "./forge-table.ts";
import { webAddressFault } from "./web-address.ts";

/** Where a repository is on a forge. */
export interface ForgeProject {
  base: string;
  project: string[];
}

/** What forges let an owner, a group or a repository be called. */
const NAME = /^(?!\.{1,2}$)[\w.-]+$/;

const isBelow = (url: URL, base: string): boolean =>
  `${url.origin}${url.pathname}/`.toLowerCase().startsWith(`${base}/`.toLowerCase());

/** The address of the forge that a repository is on: one that is known, or the root of its host. */
const baseOf = (forge: Forge, bases: ForgeBases, url: URL): string =>
  forge.known(bases).find((base) => isBelow(url, base)) ?? url.origin;

const hostOf = (base: string): string => base.replace(/^https?:\/\//, "");

/** The repository that an address names on a forge, or what is wrong with it, in words. */
export const readProject = (forge: Forge, bases: ForgeBases, text: string): ForgeProject | string => {
  const fault = webAddressFault(text, "https:");
  if (fault !== undefined) return fault;
  const url = new URL(text);
  const only = forge.only?.(bases);
  if (only !== undefined && !isBelow(url, only)) return `url must be on ${hostOf(only)}`;
  const base = baseOf(forge, bases, url);
  const below = `${url.origin}${url.pathname}`.slice(base.length).replace(/\/+$/, "");
  const project = below
    .replace(/\.git$/, "")
    .split("/")
    .filter(Boolean);
  const fits = forge.nested ? project.length >= 2 : project.length === 2;
  if (fits && project.every((name) => NAME.test(name) && name !== "-")) return { base, project };
  return forge.nested
    ? "url must name a repository: its group, groups below it, and its name"
    : "url must name a repository: its owner and its name";
};
