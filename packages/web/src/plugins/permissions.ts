import {
  type InstalledPlugin,
  type LibraryRight,
  libraryAccessOf,
  libraryRights,
  type Permissions,
} from "@hitagi/contract";
import type { Translate } from "../texts/texts.ts";

type Asked = NonNullable<InstalledPlugin["manifest"]["permissions"]>;

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
  const asked: Asked = manifest.permissions ?? {};
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
export const permissionText = ({ kind, value }: Pick<Permission, "kind" | "value">, t: Translate): string =>
  kind === "library" ? t(`plugins.may.${value as LibraryRight}`) : t(`plugins.may.${kind}`, { value });

/** All that a plugin may do, in words; one that may do nothing says so. */
export const permissionWords = (plugin: InstalledPlugin, t: Translate): string[] => {
  const words = permissionsOf(plugin)
    .filter(({ granted }) => granted)
    .map((one) => permissionText(one, t));
  const { files, network } = plugin.confinement;
  return [
    ...(files === "unconfined" ? [t("plugins.may.everyFile")] : []),
    ...(network === "unconfined" ? [t("plugins.may.everyHost")] : []),
    ...(network === "broker" && !plugin.granted.net ? [t("plugins.may.publicHosts")] : []),
    ...words,
  ];
};
