import type { Confinement, Permissions, RequestedPermissions } from "@hitagi/contract";
import { isPublicSuffixWildcard } from "../net/public-suffix.ts";

/** Epoch seconds as UTC text, to the second. */
export const timeText = (epoch: number): string =>
  new Date(epoch * 1000).toISOString().slice(0, 19).replace("T", " ");

/** Epoch seconds as UTC text, to the minute. */
export const minuteText = (epoch: number): string => timeText(epoch).slice(0, 16);

/** Epoch seconds as the time in a zone, with the zone's short name: `2027-01-31 03:00 CET`. */
export const zonedText = (epoch: number, zone: string): string => {
  const at = new Date(epoch * 1000);
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const named = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "short" });
  const name = named.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? zone;
  return `${time.format(at)} ${name}`;
};

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** A size as text, such as `4.2 MB`. */
export const sizeText = (bytes: number): string => {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const number = bytes / 1000 ** power;
  return `${number.toFixed(power === 0 || number >= 100 ? 0 : 1)} ${units[power]}`;
};

/** Access to a granted host, in words that say what a wildcard over a public suffix means. */
export const reachText = (host: string): string =>
  isPublicSuffixWildcard(host) ? `reach every site under ${host.slice(1)}, of any owner` : `reach ${host}`;

/** The hosts that a plugin reaches. Through the broker, a plugin that names none has every public one. */
const reachTexts = (net: Permissions["net"], network: Confinement["network"] | undefined): string[] => {
  if (network === "unconfined") return ["reach every host"];
  if (network === "broker" && net === undefined) return ["reach every public host"];
  return (net ?? []).map(reachText);
};

/** The files that a plugin reads: the granted ones, or in words those that it asks for. */
const fileTexts = (files: Permissions["files"] | RequestedPermissions["files"] = []): string[] =>
  typeof files === "string" ? [`read files that you name (${files})`] : files.map((file) => `read ${file}`);

/** Permissions as text, one entry each, including access that is not confined. */
export const permissionTexts = (
  { net, library, files }: Permissions | RequestedPermissions,
  confinement?: Confinement | null,
): string[] => [
  ...(confinement?.files === "unconfined" ? ["read and change every file that the server can"] : []),
  ...reachTexts(net, confinement?.network),
  ...(library === "read" ? ["read the library"] : []),
  ...(library === "write" ? ["read and change the library"] : []),
  ...fileTexts(files),
];

/** A sentence about a plugin's permissions. @param subject the plugin's namespace, or `It` */
export const grantText = (
  subject: string,
  permissions: Permissions,
  confinement?: Confinement | null,
): string => {
  const texts = permissionTexts(permissions, confinement);
  return texts.length > 0 ? `${subject} may ${texts.join(", ")}.` : `${subject} has no permissions.`;
};

/** A sentence about files in a backup that Hitagi does not put there. @param verb such as `Left out` */
export const foreignFilesText = (verb: string, names: readonly string[]): string =>
  `${verb} ${names.length} files that Hitagi does not put into a backup: ${names.map((name) => JSON.stringify(name)).join(", ")}`;

/** A field of the field policy, for example `tags of artist`. */
export const fieldName = (field: string): string => {
  if (field === "tags:") return "tags without a namespace";
  return field.startsWith("tags:") ? `tags of ${field.slice("tags:".length)}` : field;
};
