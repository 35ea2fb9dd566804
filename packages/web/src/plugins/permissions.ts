import {
  type Confinement,
  type InstalledPlugin,
  type LibraryRight,
  libraryAccessOf,
  libraryRights,
  type Permissions,
  type RequestedPermissions,
} from "@hitagi/contract";
import type { Translate } from "../texts/texts.ts";

/** One permission that a plugin asks for or has. */
export interface Permission {
  id: string;
  kind: "net" | "library" | "files";
  /** A host, a right in the library, or a path. */
  value: string;
  granted: boolean;
}

/** Every permission that a plugin asks for or has, in a fixed order. */
export const permissionsOf = ({
  manifest,
  granted,
}: Pick<InstalledPlugin, "manifest" | "granted">): Permission[] => {
  const asked: RequestedPermissions = manifest.permissions ?? {};
  const list = (
    kind: Permission["kind"],
    wanted: readonly string[],
    given: readonly string[],
  ): Permission[] =>
    [...new Set([...wanted, ...given])].map((value) => ({
      id: `${kind} ${value}`,
      kind,
      value,
      granted: given.includes(value),
    }));
  return [
    ...list("net", asked.net ?? [], granted.net ?? []),
    ...list("library", libraryRights(asked.library), libraryRights(granted.library)),
    ...list("files", [], granted.files ?? []),
  ];
};

/** Whether a plugin asks for more than it has. Files are named by the owner, so that their absence is no lack. */
export const isWaiting = (plugin: Pick<InstalledPlugin, "manifest" | "granted">): boolean =>
  permissionsOf(plugin).some(({ granted }) => !granted);

/** What a call to grant takes, of the permissions that shall be granted. */
export const toPermissions = (wanted: readonly Permission[]): Permissions => {
  const values = (kind: Permission["kind"]) =>
    wanted.filter((one) => one.kind === kind).map(({ value }) => value);
  const library = libraryAccessOf(values("library") as LibraryRight[]);
  return { net: values("net"), files: values("files"), ...(library && { library }) };
};

/** The permissions that are granted after one of them was granted or taken back. To write includes to read, so that it goes with it. */
export const toggled = (all: readonly Permission[], { id, granted }: Permission): Permission[] =>
  all.filter((one) => {
    if (one.id === id) return !granted;
    return one.granted && !(granted && id === "library read" && one.id === "library write");
  });

/** A permission in words. */
export const permissionText = ({ kind, value }: Pick<Permission, "kind" | "value">, t: Translate): string => {
  if (kind === "library") return t(`plugins.may.${value as LibraryRight}`);
  const isWildcard = kind === "net" && value.startsWith("*.");
  return isWildcard ? t("plugins.may.sites", { value: value.slice(2) }) : t(`plugins.may.${kind}`, { value });
};

const NAMED = /^(net|library|files):(.+)$/;

/** Permissions that a plan names, such as `net:example.org` or `library:write`, in words. */
export const namedPermissions = (names: readonly string[], t: Translate): string[] =>
  names.map((name) => {
    const [, kind, value] = NAMED.exec(name) ?? [];
    return value === undefined ? name : permissionText({ kind: kind as Permission["kind"], value }, t);
  });

/** The files that a plugin reads: the granted ones, or in words those that it asks for. */
const fileWords = (
  files: Permissions["files"] | RequestedPermissions["files"] = [],
  t: Translate,
): string[] =>
  typeof files === "string"
    ? [t("plugins.may.askedFiles", { files })]
    : files.map((value) => permissionText({ kind: "files", value }, t));

/** Permissions in words, one text each, including access that is not confined; empty for none. */
export const permissionWords = (
  { net, library, files }: Permissions | RequestedPermissions,
  confinement: Confinement | null,
  t: Translate,
): string[] => {
  const network = confinement?.network;
  // Through the broker, a plugin that names no host has every public one.
  const isPublic = network === "broker" && net === undefined;
  const hosts = network === "unconfined" ? [] : (net ?? []);
  return [
    ...(confinement?.files === "unconfined" ? [t("plugins.may.everyFile")] : []),
    ...(network === "unconfined" ? [t("plugins.may.everyHost")] : []),
    ...(isPublic ? [t("plugins.may.publicHosts")] : []),
    ...hosts.map((value) => permissionText({ kind: "net", value }, t)),
    ...libraryRights(library).map((value) => permissionText({ kind: "library", value }, t)),
    ...fileWords(files, t),
  ];
};
