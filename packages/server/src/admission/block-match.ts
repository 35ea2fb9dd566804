import type { Registry } from "@hitagi/contract";
import type { BlockEntry } from "@hitagi/trust";

/** What the entries of a block list are compared with. */
export interface BlockSubject {
  namespace: string;
  sha256: string;
  /** Its registry; undefined for a plugin from a file, or where the registry is gone. */
  registry: Pick<Registry, "url"> | undefined;
}

/** Host and path of an address, without what makes no other place: scheme, user, `.git`, a slash or a host's dot at the end, capitals of the host. */
export const placeOf = (address: string): { host: string; path: string } | undefined => {
  const [, scpHost, scpPath] = /^[^/@\s]+@([^/:\s]+):([^\s]+)$/.exec(address) ?? [];
  const text = scpHost === undefined ? address : `ssh://${scpHost}/${scpPath}`;
  if (!URL.canParse(text)) return undefined;
  const { host, pathname } = new URL(text);
  return {
    host: host.toLowerCase().replace(/\.(?=:|$)/, ""),
    path: pathname.replace(/\/+$/, "").replace(/\.git$/, ""),
  };
};

const isHost = (pattern: string, host: string): boolean =>
  pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;

const partsOf = (path: string): string[] => path.toLowerCase().split("/").filter(Boolean);

/** Whether a path begins with the parts of a pattern, in which `*` stands for any text within a part. Forges ignore capitals. */
const isBelow = (pattern: string, path: string): boolean => {
  const parts = partsOf(path);
  return partsOf(pattern).every((wanted, n) => {
    const escaped = wanted.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${escaped.join("[^/]*")}$`).test(parts[n] ?? "");
  });
};

/** Whether a path is another one or lies below it. */
const isAtOrBelow = (blocked: string, path: string): boolean => {
  const parts = partsOf(path);
  return partsOf(blocked).every((wanted, n) => wanted === parts[n]);
};

const isPlace = (
  { kind, value }: Pick<BlockEntry, "kind" | "value">,
  { host, path }: { host: string; path: string },
): boolean => {
  const name = host.replace(/:\d+$/, "");
  if (kind === "host") return isHost(value, name);
  if (kind === "address") {
    const blocked = placeOf(value);
    return blocked?.host === host && isAtOrBelow(blocked.path, path);
  }
  const at = value.indexOf("/");
  return value.slice(0, at) === name && isBelow(value.slice(at + 1), path);
};

/** Whether an entry is about a plugin. */
export const isHit = (
  { kind, value }: Pick<BlockEntry, "kind" | "value">,
  { namespace, sha256, registry }: BlockSubject,
): boolean => {
  if (kind === "namespace") return value === namespace;
  if (kind === "hash") return value === `sha256:${sha256}`;
  const place = placeOf(registry?.url ?? "");
  return place !== undefined && isPlace({ kind, value }, place);
};
