import type { Provider, RegistryFields } from "@hitagi/contract";
import { type ForgeAddresses, forgeRows } from "./forge-table.ts";
import { readGitAddress } from "./git/address.ts";
import { ABSOLUTE } from "./local.ts";
import { isOnForge, recogniseForge } from "./recognise-forge.ts";
import { DEFAULT_REF, refProblem } from "./repository-fields.ts";

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

const gitRepository = (url: string, ref = DEFAULT_REF): Candidates => {
  const address = readGitAddress(url);
  if (typeof address === "string") return address;
  return [{ name: lastSegment(url) ?? address.host, provider: "git", url, ref }];
};

/** A place on a page of a forge, which browsers have in the address. */
const PLACE_ON_PAGE = /^(?:readme(?:-ov-file)?|L\d+(?:C\d+)?(?:-L?\d+(?:C\d+)?)?)$/i;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Splits an address at `#`, after which package managers have a branch, tag or commit. */
const splitRef = (text: string): [address: string, ref: string | undefined] => {
  const at = text.indexOf("#");
  const ref = at < 0 ? "" : decoded(text.slice(at + 1)).trim();
  return [at < 0 ? text : text.slice(0, at), ref === "" || PLACE_ON_PAGE.test(ref) ? undefined : ref];
};

const webFolder = (url: URL): RegistryFields => {
  const folder = new URL(url);
  folder.pathname = folder.pathname.replace(INDEX, "/");
  const last = lastSegment(folder.pathname);
  return { name: last ? `${folder.host}/${last}` : folder.host, provider: "cdn", url: folder.href };
};

/** The candidates for a web address on no known forge, in the order of the requests. */
const unknownHost = (url: URL, ref: string | undefined): Candidates => {
  const web = webFolder(url);
  const depth = url.pathname.split("/").filter(Boolean).length;
  if (url.protocol === "http:" || INDEX.test(url.pathname) || depth === 0)
    return ref === undefined ? [web] : "it has a part after #, and a web folder has no branches";
  const plain = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  const at = (provider: Provider): RegistryFields => ({
    ...web,
    provider,
    url: plain,
    ref: ref ?? DEFAULT_REF,
  });
  const possible = forgeRows.filter(
    ([, { closed, nested }]) => !closed && (nested ? depth >= 2 : depth === 2),
  );
  return [...(ref === undefined ? [web] : []), ...possible.map(([provider]) => at(provider)), at("git")];
};

/** The address of a known forge as it is, if one has a `www.` or http in its place. */
const ofKnownForge = (url: URL, addresses: ForgeAddresses): URL => {
  if (isOnForge(url, addresses)) return url;
  const own = new URL(url);
  own.protocol = "https:";
  own.hostname = own.hostname.replace(/^www\./, "");
  return isOnForge(own, addresses) ? own : url;
};

/** Candidates whose address names a ref in its path have it already. */
const withRef = (found: RegistryFields[], ref: string): Candidates =>
  found.some((fields) => fields.ref !== DEFAULT_REF)
    ? "it names a branch in its path and another one after #"
    : found.map((fields) => ({ ...fields, ref }));

const webAddress = (text: string, ref: string | undefined, addresses: ForgeAddresses): Candidates => {
  if (!URL.canParse(text)) return "it is not an address";
  const url = ofKnownForge(new URL(text), addresses);
  if (url.password !== "") return "it contains a password, which would be shown; give it apart, as a token";
  if (url.username !== "") return gitRepository(url.href, ref);
  const found = url.protocol === "https:" ? recogniseForge(url, addresses) : [];
  if (typeof found === "string") return found;
  if (found.length > 0) return ref === undefined ? found : withRef(found, ref);
  if (url.search !== "") return "it has a query; give the address of the folder that registry.json is in";
  return /\.git\/*$/.test(url.pathname) && url.protocol === "https:"
    ? gitRepository(url.href, ref)
    : unknownHost(url, ref);
};

/** The candidates for a pasted address. It sends no request, so an ambiguous address has several. */
export const recognise = (address: string, addresses: ForgeAddresses): Candidates => {
  const given = address.trim().replace(/^git\+(?=https:|ssh:)/i, "");
  if (given === "") return "it is empty";
  if (ABSOLUTE.test(given)) return localFolder(given);
  const [text, ref] = splitRef(given);
  const problem = refProblem(ref ?? DEFAULT_REF);
  if (problem !== undefined) return problem;
  if (/^https?:\/\//i.test(text)) return webAddress(text, ref, addresses);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\s]+:(?!\d+\/)\S/.test(text))
    return gitRepository(text, ref);
  return BARE_HOST.test(text)
    ? webAddress(`https://${text}`, ref, addresses)
    : "it is neither a folder nor an address";
};
