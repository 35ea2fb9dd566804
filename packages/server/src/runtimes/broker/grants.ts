import type { Permissions } from "@hitagi/contract";
import { grantedReach } from "../../net/granted-hosts.ts";

type Library = NonNullable<Permissions["library"]>;

const level = (library: Library | undefined): number =>
  library === undefined ? 0 : library === "read" ? 1 : 2;

/** A grant of this host opens no more than the public internet. */
const isPublic = (host: string): boolean =>
  host.startsWith("*.") || grantedReach([host], new URL(`https://${host}`)) === "public";

/**
 * Whether everything that a grant of the second host would open is open by a grant of the first. A port counts as
 * part of the name, so a host without one never covers a host with one. A wildcard opens public addresses only, so it
 * does not cover a name by which a plugin would reach the local network.
 */
const covers = (wide: string, narrow: string): boolean => {
  const [w, n] = [wide.toLowerCase(), narrow.toLowerCase()];
  return w === n || (w.startsWith("*.") && n.endsWith(w.slice(1)) && isPublic(n));
};

const make = (net: string[], library: Library | undefined): Permissions => ({
  ...(net.length > 0 && { net: [...new Set(net)] }),
  ...(library && { library }),
});

const coveredBy = (hosts: readonly string[]) => (host: string) => hosts.some((wide) => covers(wide, host));

/** What both allow. */
export const intersect = (a: Permissions, b: Permissions): Permissions => {
  const [left, right] = [a.net ?? [], b.net ?? []];
  const net = [...left.filter(coveredBy(right)), ...right.filter(coveredBy(left))];
  return make(net, level(a.library) < level(b.library) ? a.library : b.library);
};

/** What either allows. */
const unite = (a: Permissions, b: Permissions): Permissions =>
  make([...(a.net ?? []), ...(b.net ?? [])], level(a.library) > level(b.library) ? a.library : b.library);

/** The part of the first that goes beyond the second. */
export const beyond = (asks: Permissions, limit: Permissions): Permissions => {
  const within = coveredBy(limit.net ?? []);
  return make(
    (asks.net ?? []).filter((host) => !within(host)),
    level(asks.library) > level(limit.library) ? asks.library : undefined,
  );
};

/** The permissions in words: `net:api.example.org`, `library:read`. */
export const permissionNames = (permissions: Permissions): string[] => [
  ...(permissions.net ?? []).map((host) => `net:${host}`),
  ...(permissions.library ? [`library:${permissions.library}`] : []),
];

/** What the version in place asks for, and what its owner let it have. */
export interface EarlierGrant {
  asked: Permissions;
  granted: Permissions;
}

/** What a version will be granted, and what it asks for that its owner has not decided on yet. */
export interface GrantDecision {
  asks: Permissions;
  granted: Permissions;
  more: string[];
}

/**
 * What is granted. `all`: what it asks for. `none`: nothing new. Permissions: that part of it. Where nobody has said
 * anything, `declared` grants a first install what it asks for, and with `ask` that waits for the owner too.
 */
export type GrantChoice = "all" | "none" | "declared" | "ask" | Permissions;

/**
 * Decides what a version may do. What the owner took away from the version in place stays taken away, and only what
 * nobody has decided on before counts as `more`; that is granted by `all`, and is for the caller to refuse where it waits
 * for its owner.
 */
export const decideGrant = (
  asks: Permissions,
  earlier: EarlierGrant | undefined,
  choice: GrantChoice,
): GrantDecision => {
  if (typeof choice === "object") return { asks, granted: intersect(asks, choice), more: [] };
  if (!earlier && choice !== "ask" && choice !== "none") return { asks, granted: asks, more: [] };
  const { asked, granted } = earlier ?? { asked: {}, granted: {} };
  const more = beyond(asks, unite(asked, granted));
  const kept = intersect(asks, granted);
  if (choice === "none") return { asks, granted: kept, more: [] };
  return { asks, granted: choice === "all" ? unite(kept, more) : kept, more: permissionNames(more) };
};
