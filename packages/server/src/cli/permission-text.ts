import type { Confinement, Permissions } from "@hitagi/contract";

/** Permissions as text, one entry each, including access that is not confined. */
export const permissionTexts = (
  { net = [], library }: Permissions,
  confinement?: Confinement | null,
): string[] => [
  ...(confinement?.files === "unconfined" ? ["read and change every file that the server can"] : []),
  ...(confinement?.network === "unconfined" ? ["reach every host"] : net.map((host) => `reach ${host}`)),
  ...(library === "read" ? ["read the library"] : []),
  ...(library === "write" ? ["read and change the library"] : []),
];

/** The same on one line, or `none`. */
export const permissionText = (permissions: Permissions, confinement?: Confinement | null): string =>
  permissionTexts(permissions, confinement).join(", ") || "none";

/** A sentence about a plugin's permissions. @param who the plugin's namespace, or `It` */
export const grantText = (
  who: string,
  permissions: Permissions,
  confinement?: Confinement | null,
): string => {
  const texts = permissionTexts(permissions, confinement);
  return texts.length > 0 ? `${who} may ${texts.join(", ")}.` : `${who} has no permissions.`;
};
