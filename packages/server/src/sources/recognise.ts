import type { Provider, RegistryFields } from "@hitagi/contract";
import { type ForgeAddresses, forgeRows } from "./forge-table.ts";
import { readGitAddress } from "./git/address.ts";
import { ABSOLUTE } from "./local.ts";
import { recogniseForge } from "./recognise-forge.ts";
import { DEFAULT_REF } from "./repository-fields.ts";

const INDEX = /\/?registry\.json$/;
/** A pasted address without a scheme: a host with a dot, and a path. */
const BARE_HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:\/|$)/i;

/** The candidates for an address, the most likely first, or the problem in words that quote nothing of it. */
type Candidates = RegistryFields[] | string;

const lastSegment = (path: string): string | undefined =>
  path
    .replace(/\.git\/*$/, "")
    .split(/[\\/:]/)
    .filter(Boolean)
    .at(-1);

const localFolder = (text: string): RegistryFields[] => {
  const path = text.replace(INDEX, "") || "/";
  return [{ name: lastSegment(path) ?? path, provider: "local", path }];
};

const gitRepository = (url: string): Candidates => {
  const address = readGitAddress(url);
  if (typeof address === "string") return address;
  return [{ name: lastSegment(url) ?? address.host, provider: "git", url, ref: DEFAULT_REF }];
};

const webFolder = (url: URL): RegistryFields => {
  const folder = new URL(url);
  folder.pathname = folder.pathname.replace(INDEX, "/");
  const last = lastSegment(folder.pathname);
  return { name: last ? `${folder.host}/${last}` : folder.host, provider: "cdn", url: folder.href };
};

/** The candidates for a web address on no known forge, in the order of the requests. */
const unknownHost = (url: URL): RegistryFields[] => {
  const web = webFolder(url);
  if (url.protocol === "http:" || INDEX.test(url.pathname)) return [web];
  const plain = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  const depth = url.pathname.split("/").filter(Boolean).length;
  const at = (provider: Provider): RegistryFields => ({ ...web, provider, url: plain, ref: DEFAULT_REF });
  const possible = forgeRows.filter(
    ([, { closed, nested }]) => !closed && (nested ? depth >= 2 : depth === 2),
  );
  return [web, ...possible.map(([provider]) => at(provider)), ...(depth >= 1 ? [at("git")] : [])];
};

const webAddress = (text: string, addresses: ForgeAddresses): Candidates => {
  if (!URL.canParse(text)) return "it is not an address";
  const url = new URL(text);
  if (url.password !== "") return "it contains a password, which would be shown; give it apart, as a token";
  url.hash = "";
  if (url.username !== "") return gitRepository(url.href);
  const found = url.protocol === "https:" ? recogniseForge(url, addresses) : [];
  if (typeof found === "string" || found.length > 0) return found;
  if (url.search !== "") return "it has a query; give the address of the folder that registry.json is in";
  return /\.git\/*$/.test(url.pathname) && url.protocol === "https:"
    ? gitRepository(url.href)
    : unknownHost(url);
};

/** The candidates for a pasted address. It sends no request, so an ambiguous address has several. */
export const recognise = (address: string, addresses: ForgeAddresses): Candidates => {
  const text = address.trim().replace(/^git\+(?=https:|ssh:)/i, "");
  if (text === "") return "it is empty";
  if (ABSOLUTE.test(text)) return localFolder(text);
  if (/^https?:\/\//i.test(text)) return webAddress(text, addresses);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\s]+:(?!\d+\/)\S/.test(text)) return gitRepository(text);
  return BARE_HOST.test(text)
    ? webAddress(`https://${text}`, addresses)
    : "it is neither a folder nor an address";
};
