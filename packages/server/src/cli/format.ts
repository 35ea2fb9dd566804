import {
  type Confinement,
  type LibraryAccess,
  libraryRights,
  type Permissions,
  quoteText,
  type RequestedPermissions,
} from "@hitagi/contract";
import { spanText } from "../admission/version-age.ts";
import { isPublicSuffixWildcard } from "../net/public-suffix.ts";

/** A text that ends as a sentence does. */
export const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

interface PartsFailed {
  failed?: number | undefined;
  total?: number | undefined;
}

/** How far epoch seconds are from now: `3 days ago`, or of a time ahead `in 3 days`. */
export const agoText = (epoch: number): string => {
  const past = Date.now() / 1000 - epoch;
  return past < 0 ? `in ${spanText(-past)}` : `${spanText(past)} ago`;
};

/** The time since epoch seconds in its largest unit, for a cell: `3d`; `0s` for a time ahead. */
export const ageText = (epoch: number): string =>
  spanText(Date.now() / 1000 - epoch).replace(/ (\w)\w*$/, "$1");

/** How many parts of a job's work failed: `2 of 3 failed`; undefined if none did. */
export const partsFailedText = ({ failed, total }: PartsFailed): string | undefined =>
  failed === undefined || failed === 0 ? undefined : `${failed} of ${total ?? failed} failed`;

/** How long something took: `850 ms`, `12 seconds`, `10 minutes`. */
export const tookText = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : spanText(ms / 1000));

/** Epoch seconds as the time in a zone, to the minute: `2027-01-31 03:00 +01`. */
export const zonedText = (epoch: number, zone: string): string => {
  const at = new Date(epoch * 1000);
  const time = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  const named = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" });
  const name = named.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  // `GMT+01:00`; `GMT` alone is UTC.
  const distance = name.replace(/^GMT/, "").replace(/:00$/, "") || "+00";
  return `${time.format(at)} ${distance}`;
};

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** A size as text, such as `4.2 MB`. */
export const sizeText = (bytes: number): string => {
  if (bytes === 1) return "1 byte";
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const number = bytes / 1000 ** power;
  return `${number.toFixed(power === 0 || number >= 100 ? 0 : 1)} ${units[power]}`;
};

/** The registry of a record: its name, or its id if it was removed; null for none. */
export const registryText = ({
  registry,
  registryName,
}: {
  registry: string | null;
  registryName: string | null;
}): string | null => registryName ?? registry;

/** A registry in a list of them: its name, which its keeper may have chosen, or its id if it was removed. */
export const quotedRegistry = (names: Readonly<Record<string, string>>, id: string): string => {
  const name = names[id];
  return name === undefined ? id : quoteText(name);
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

const libraryTexts = (access: LibraryAccess | undefined): string[] => {
  const rights = libraryRights(access);
  const reads = rights.includes("write") ? "read and change the library" : "read the library";
  return [
    ...(rights.includes("read") ? [reads] : []),
    ...(rights.includes("add") ? ["download works that it finds into the library"] : []),
  ];
};

/** Permissions as text, one entry each, including access that is not confined. */
export const permissionTexts = (
  { net, library, files }: Permissions | RequestedPermissions,
  confinement?: Confinement | null,
): string[] => [
  ...(confinement?.files === "unconfined" ? ["read and change every file that the server can"] : []),
  ...reachTexts(net, confinement?.network),
  ...libraryTexts(library),
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
