import type { Provider, RegistryFields } from "@hitagi/contract";
import type { ForgeBases } from "./forge-table.ts";
import { readGitAddress } from "./git/address.ts";
import { DEFAULT_REF } from "./git-ref.ts";
import { inForge } from "./recognise-forge.ts";

const INDEX = /\/?registry\.json$/;
/** Absolute on this or another operating system. */
const FOLDER = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;
/** What people paste without its scheme: a host with a dot in it, and something below it. */
const BARE_HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:\/|$)/i;

/** What an address may be, most likely first, or what is wrong with it, in words that hold nothing of it. */
export type Recognised = RegistryFields[] | string;

const lastOf = (path: string): string | undefined =>
  path
    .replace(/\.git\/*$/, "")
    .split(/[\\/:]/)
    .filter(Boolean)
    .at(-1);

const folderAt = (text: string): RegistryFields[] => {
  const path = text.replace(INDEX, "") || "/";
  return [{ name: lastOf(path) ?? path, provider: "local", path }];
};

const gitAt = (url: string): Recognised => {
  const address = readGitAddress(url);
  if (typeof address === "string") return address;
  return [{ name: lastOf(url) ?? address.host, provider: "git", url, ref: DEFAULT_REF }];
};

const webFolderAt = (url: URL): RegistryFields => {
  const folder = new URL(url);
  folder.pathname = folder.pathname.replace(INDEX, "/");
  const last = lastOf(folder.pathname);
  return { name: last ? `${folder.host}/${last}` : folder.host, provider: "cdn", url: folder.href };
};

/** What a web address without the marks of a forge may be: it is asked for in this order. */
const unknownAt = (url: URL): RegistryFields[] => {
  const web = webFolderAt(url);
  if (url.protocol === "http:" || INDEX.test(url.pathname)) return [web];
  const plain = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  const depth = url.pathname.split("/").filter(Boolean).length;
  const at = (provider: Provider): RegistryFields => ({ ...web, provider, url: plain, ref: DEFAULT_REF });
  return [
    web,
    ...(depth === 2 ? [at("gitea")] : []),
    ...(depth >= 2 ? [at("gitlab")] : []),
    ...(depth >= 1 ? [at("git")] : []),
  ];
};

const onWeb = (text: string, bases: ForgeBases): Recognised => {
  if (!URL.canParse(text)) return "it is not an address";
  const url = new URL(text);
  if (url.password !== "") return "it contains a password, which would be shown; give it apart, as a token";
  url.hash = "";
  if (url.username !== "") return gitAt(url.href);
  const found = url.protocol === "https:" ? inForge(url, bases) : [];
  if (typeof found === "string" || found.length > 0) return found;
  if (url.search !== "") return "it has a query; give the address of the folder that registry.json is in";
  return /\.git\/*$/.test(url.pathname) && url.protocol === "https:" ? gitAt(url.href) : unknownAt(url);
};

/**
 * What a pasted address or folder may be: of forges, plain git, web folders and folders of this machine. Nobody is asked;
 * an address that can be several things is answered with all of them.
 */
export const recognise = (given: string, bases: ForgeBases): Recognised => {
  const text = given.trim().replace(/^git\+(?=https:|ssh:)/i, "");
  if (text === "") return "it is empty";
  if (FOLDER.test(text)) return folderAt(text);
  if (/^https?:\/\//i.test(text)) return onWeb(text, bases);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\s]+:(?!\d+\/)\S/.test(text)) return gitAt(text);
  return BARE_HOST.test(text) ? onWeb(`https://${text}`, bases) : "it is neither a folder nor an address";
};
