import type { Confinement, Permissions } from "@hitagi/contract";

/** What a plugin may do and what it can do because nothing confines it, in words, one entry each. */
export const permissionTexts = (
  { net = [], library }: Permissions,
  confinement?: Confinement | null,
): string[] => [
  ...(confinement?.files === "unconfined" ? ["read and change every file that the server can"] : []),
  ...(confinement?.network === "unconfined" ? ["reach every host"] : net.map((host) => `reach ${host}`)),
  ...(library === "read" ? ["read the library"] : []),
  ...(library === "write" ? ["read and change the library"] : []),
];

export const permissionText = (permissions: Permissions, confinement?: Confinement | null): string =>
  permissionTexts(permissions, confinement).join(", ") || "do nothing beyond computing";
