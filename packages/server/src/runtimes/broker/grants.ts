import {
  type LibraryAccess,
  libraryAccessOf,
  libraryRights,
  type Manifest,
  type Permissions,
  type RequestedPermissions,
  type RuntimeName,
} from "@hitagi/contract";
import { grantedReach } from "../../net/granted-hosts.ts";
import { isPublicSuffixWildcard } from "../../net/public-suffix.ts";

/**
 * Whether a plugin has every public host until its owner narrows it: a Perl plugin that names no hosts. LANraragi's plugins
 * name none.
 */
export const hasOpenNetwork = (plugin: {
  runtime: RuntimeName;
  manifest: Pick<Manifest, "permissions">;
}): boolean => plugin.runtime === "perl" && !plugin.manifest.permissions?.net?.length;

/** What a plugin asks for and its owner grants: all permissions but the files, which only the owner names. */
type Scopes = Omit<Permissions, "files">;

/** Without the files: those that are granted, or the words of a plugin that asks for some. */
export const scopesOf = ({ files: _, ...scopes }: Permissions | RequestedPermissions): Scopes => scopes;

/** These scopes with granted files, which replace those that it had. */
export const withFiles = (scopes: Scopes, files: readonly string[] = []): Permissions => ({
  ...scopesOf(scopes),
  ...(files.length > 0 && { files: [...new Set(files)] }),
});

/** Whether the owner's words concern only files, so that all else stays. */
export const namesOnlyFiles = (permissions: Permissions): boolean =>
  permissions.files !== undefined && Object.keys(permissions).length === 1;

/**
 * What a plugin with an open network must have asked for, of what its owner names: all but the hosts, which narrow its
 * network.
 */
export const withoutHosts = ({ net: _, ...others }: Scopes): Scopes => others;

const sharedAccess = (a: Scopes, b: Scopes): LibraryAccess | undefined =>
  libraryAccessOf(libraryRights(a.library).filter((right) => libraryRights(b.library).includes(right)));

const unitedAccess = (a: Scopes, b: Scopes): LibraryAccess | undefined =>
  libraryAccessOf([...libraryRights(a.library), ...libraryRights(b.library)]);

const accessBeyond = (a: Scopes, b: Scopes): LibraryAccess | undefined =>
  libraryAccessOf(libraryRights(a.library).filter((right) => !libraryRights(b.library).includes(right)));

/** Whether a grant of this host opens public addresses only. */
const isPublic = (host: string): boolean =>
  host.startsWith("*.") || grantedReach([host], new URL(`https://${host}`)) === "public";

/**
 * Whether a grant of the first host opens everything that a grant of the second opens. A port is part of the name, so a
 * host without one does not cover a host with one. A wildcard opens public addresses only, so it does not cover a name
 * of the local network.
 */
const covers = (wide: string, narrow: string): boolean => {
  const [w, n] = [wide.toLowerCase(), narrow.toLowerCase()];
  return w === n || (w.startsWith("*.") && n.endsWith(w.slice(1)) && isPublic(n));
};

const permissionsOf = (net: string[], library: LibraryAccess | undefined): Scopes => ({
  ...(net.length > 0 && { net: [...new Set(net)] }),
  ...(library && { library }),
});

const coveredBy = (hosts: readonly string[]) => (host: string) => hosts.some((wide) => covers(wide, host));

/** What both allow. */
export const intersect = (a: Scopes, b: Scopes): Scopes => {
  const [left, right] = [a.net ?? [], b.net ?? []];
  const net = [...left.filter(coveredBy(right)), ...right.filter(coveredBy(left))];
  return permissionsOf(net, sharedAccess(a, b));
};

/** The same for a plugin with an open network, where no `net` means every public host, and an empty one means none. */
export const intersectOpen = (a: Scopes, b: Scopes): Scopes => {
  const both = intersect(a, b);
  const net = a.net && b.net ? (both.net ?? []) : (a.net ?? b.net);
  return { ...both, ...(net && { net }) };
};

/** What the owner's words leave of the permissions of a plugin with an open network: only these hosts. */
export const narrowOpen = (asks: Scopes, only: Scopes): Scopes =>
  intersectOpen(asks, { ...only, net: only.net ?? [] });

/** What either allows. */
const unite = (a: Scopes, b: Scopes): Scopes =>
  permissionsOf([...(a.net ?? []), ...(b.net ?? [])], unitedAccess(a, b));

/** Without wildcards over public suffixes, which only the owner's explicit word grants. */
export const withoutPublicSuffixes = ({ net = [], library }: Scopes): Scopes =>
  permissionsOf(
    net.filter((host) => !isPublicSuffixWildcard(host)),
    library,
  );

/** What the first allows and the second does not. */
export const difference = (a: Scopes, b: Scopes): Scopes => {
  const covered = coveredBy(b.net ?? []);
  return permissionsOf(
    (a.net ?? []).filter((host) => !covered(host)),
    accessBeyond(a, b),
  );
};

/** One text for each permission: `net:api.example.org`, `library:read`. */
export const permissionNames = (permissions: Scopes): string[] => [
  ...(permissions.net ?? []).map((host) => `net:${host}`),
  ...(permissions.library?.split("+") ?? []).map((right) => `library:${right}`),
];

/** The permissions of the installed version. */
export interface CurrentGrant {
  requested: Scopes;
  granted: Scopes;
  /** Whether it has an open network. */
  open?: boolean;
}

export interface GrantDecision {
  asks: RequestedPermissions;
  granted: Permissions;
  /** What it asks for that the owner has not decided on yet. */
  more: string[];
}

/**
 * Who decides. `all`: grant what the version asks for. `none`: grant nothing new. Permissions: grant that part of it.
 * `declared`: grant a first install what it asks for; later additions wait for the owner. `ask`: both wait.
 */
export type GrantChoice = "all" | "none" | "declared" | "ask" | Scopes;

/**
 * The decision for a version with an open network: what its owner left of it stays, and a version of named hosts does not
 * become one of all hosts by an upgrade.
 */
export const decideOpenGrant = (
  asks: RequestedPermissions,
  current: CurrentGrant | undefined,
  choice: GrantChoice,
): GrantDecision => {
  if (typeof choice === "object") return { asks, granted: narrowOpen(asks, choice), more: [] };
  const decision = decideGrant(asks, current, choice);
  const net = current
    ? (current.granted.net ?? (current.open ? undefined : []))
    : choice === "none"
      ? []
      : undefined;
  return { ...decision, granted: { ...decision.granted, ...(net && { net }) } };
};

/**
 * Decides what a version may do. Permissions that the owner took away from the installed version stay taken away. Only
 * permissions that are new count as `more`: `all` grants them, otherwise the caller must refuse or wait for the owner. A
 * wildcard over a public suffix is granted only if permissions name it.
 */
export const decideGrant = (
  asks: RequestedPermissions,
  current: CurrentGrant | undefined,
  choice: GrantChoice,
): GrantDecision => {
  if (typeof choice === "object") return { asks, granted: intersect(asks, choice), more: [] };
  if (!current && choice !== "ask" && choice !== "none") {
    return { asks, granted: withoutPublicSuffixes(asks), more: [] };
  }
  const { requested, granted } = current ?? { requested: {}, granted: {} };
  const more = difference(asks, unite(requested, granted));
  const kept = intersect(asks, granted);
  if (choice === "none") return { asks, granted: kept, more: [] };
  return {
    asks,
    granted: choice === "all" ? unite(kept, withoutPublicSuffixes(more)) : kept,
    more: permissionNames(more),
  };
};
