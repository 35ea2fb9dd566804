import type { Permissions } from "@hitagi/contract";

/** What a plugin may do, in words; one entry a permission. */
export const permissionTexts = ({ net = [], library }: Permissions): string[] => [
  ...net.map((host) => `reach ${host}`),
  ...(library === "read" ? ["read the library"] : []),
  ...(library === "write" ? ["read and change the library"] : []),
];

export const permissionText = (permissions: Permissions): string =>
  permissionTexts(permissions).join(", ") || "do nothing beyond computing";
