import { domainToUnicode } from "node:url";
import { HitagiError } from "@hitagi/contract";
import { distance } from "fastest-levenshtein";
import { placeOf } from "./block-match.ts";

/** Shorter names are alike too often. */
const MIN_LENGTH = 6;
/** From this length on, two edits still look alike: two letters that change places are two edits. */
const LONG = 10;
/** Hosts of many keepers, of which none imitates another. */
const FORGES: ReadonlySet<string> = new Set(["github.com", "gitlab.com", "codeberg.org", "bitbucket.org"]);

/** A name with each letter replaced by the plain one that it looks like. */
type Skeleton = (name: string) => string;

/** The table of letters is large, and is needed when the owner adds something. The bundle has only the default export of a CommonJS package. */
const loadSkeleton = async (): Promise<Skeleton> => {
  const { default: confusables } = await import("unicode-confusables");
  return (name) => confusables.rectifyConfusion(name.toLowerCase()).toLowerCase();
};

const isAlike = (skeleton: Skeleton, name: string, known: string): boolean => {
  if (name === known || Math.min(name.length, known.length) < MIN_LENGTH) return false;
  if (skeleton(name) === skeleton(known)) return true;
  return distance(name, known) <= (Math.min(name.length, known.length) < LONG ? 1 : 2);
};

/** The known name that a name may be mistaken for; none where the name itself is known. */
const mistakenFor = async (name: string, known: readonly string[]): Promise<string | undefined> => {
  if (known.includes(name)) return undefined;
  const skeleton = await loadSkeleton();
  return known.find((one) => isAlike(skeleton, name, one));
};

/** The name of a registry's host, with its letters; undefined for a folder of the machine. */
const hostOf = (url: string | undefined): string | undefined => {
  const host = placeOf(url ?? "")?.host.replace(/:\d+$/, "");
  return host && (domainToUnicode(host) || host);
};

/** A warning where the host of a registry looks like that of a configured one. */
export const alikeHost = async (
  url: string | undefined,
  registries: readonly { name: string; url?: string | undefined }[],
): Promise<HitagiError | undefined> => {
  const host = hostOf(url);
  if (host === undefined || FORGES.has(host)) return undefined;
  const known = registries.map((one) => hostOf(one.url)).filter((one) => one !== undefined);
  const found = await mistakenFor(host, known);
  if (found === undefined) return undefined;
  const { name = found } = registries.find((one) => hostOf(one.url) === found) ?? {};
  return new HitagiError("ADDRESS_LOOKS_LIKE", { host, known: found, registry: name });
};

/** A warning where a plugin that is not installed has nearly the name of an installed one from elsewhere. */
export const alikeNamespace = async (
  { namespace, registry }: { namespace: string; registry: string },
  installed: readonly { namespace: string; registry: string | null }[],
): Promise<HitagiError | undefined> => {
  if (installed.some((one) => one.namespace === namespace)) return undefined;
  const others = installed.filter((one) => one.registry !== registry);
  const known = await mistakenFor(
    namespace,
    others.map((one) => one.namespace),
  );
  return known === undefined ? undefined : new HitagiError("NAMESPACE_LOOKS_LIKE", { namespace, known });
};
