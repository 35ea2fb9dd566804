import { type ChainConditions, type ChainSkip, comparableText } from "@hitagi/contract";
import { splitTags } from "../../library/tags.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import { siteOf, sourcesIn } from "../addresses/web-address.ts";

type Archive = Pick<ArchiveRecord, "file" | "tags">;

/** Whether a tag is one that a condition names; a `*` at its end stands for any text. */
const isTag = (tag: string, wanted: string): boolean => {
  const [given, name] = [comparableText(tag), comparableText(wanted.trim())];
  return name.endsWith("*") ? given.startsWith(name.slice(0, -1)) : given === name;
};

const firstTag = (tags: readonly string[], wanted: readonly string[]): string | undefined =>
  tags.find((tag) => wanted.some((one) => isTag(tag, one)));

const isBelow = (file: string, folder: string): boolean => {
  const path = comparableText(folder.trim().replace(/^(?:\.?\/)+|\/+$/g, ""));
  return path === "" || path === "." || comparableText(file).startsWith(`${path}/`);
};

const hasExtension = (file: string, extension: string): boolean =>
  file.toLowerCase().endsWith(`.${extension.trim().toLowerCase().replace(/^\./, "")}`);

/** Whether a source is of a site, or of a host below it. */
const isOfSite = (source: string, wanted: string): boolean => {
  const site = comparableText(siteOf(wanted.trim().replace(/^source:/i, "")));
  const given = comparableText(siteOf(source));
  return site === "*" || given === site || given.endsWith(`.${site}`);
};

const oneOf = (texts: readonly string[]): string => texts.join(" or ");

/** Why an archive does not fit the conditions that concern the archive; undefined if it fits. */
export const mismatchOf = (when: ChainConditions, { file, tags: joined }: Archive): ChainSkip | undefined => {
  const tags = splitTags(joined);
  const { tagged, untagged, folders, extensions, without_source } = when;
  if (tagged && firstTag(tags, tagged) === undefined) {
    return { code: "not-tagged", text: `it has no tag ${oneOf(tagged)}` };
  }
  const unwanted = untagged && firstTag(tags, untagged);
  if (unwanted !== undefined) return { code: "tagged", text: `it has the tag ${unwanted}` };
  if (folders && !folders.some((folder) => isBelow(file, folder))) {
    return { code: "other-folder", text: `it is not in the folder ${oneOf(folders)}` };
  }
  if (extensions && !extensions.some((one) => hasExtension(file, one))) {
    return { code: "other-extension", text: `its file name does not end in ${oneOf(extensions)}` };
  }
  const source =
    without_source && sourcesIn(tags).find((one) => without_source.some((site) => isOfSite(one, site)));
  return source === undefined ? undefined : { code: "has-source", text: `it has the source ${source}` };
};

/** Whether the conditions concern the archive, so that it must be read. */
export const concernsArchive = ({ nothing_found: _, ...others }: ChainConditions): boolean =>
  Object.values(others).some((one) => one !== undefined);
