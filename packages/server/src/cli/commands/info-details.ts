import type { PublishedDetails, UpdateChangelog } from "@hitagi/contract";
import type { Cell } from "../table.ts";

type Deprecation = NonNullable<PublishedDetails["deprecated"]>;

const deprecationText = ({ reason, replacement }: Deprecation): string =>
  [reason ?? "its keeper no longer maintains it", replacement && `use ${replacement} instead`]
    .filter(Boolean)
    .join("; ");

/** Why a version was yanked, for a cell; undefined where it was not. */
export const yankText = (details: PublishedDetails | undefined, version: string): string | undefined => {
  const yank = details?.yanked.find((one) => one.version === version);
  return yank && `${yank.at.slice(0, 10)}${yank.dangerous ? ", dangerous" : ""}: ${yank.reason}`;
};

/** The short texts of a plugin's details, as names and values of a record. */
export const detailCells = (details: PublishedDetails | undefined): Record<string, Cell> => {
  if (!details) return {};
  const { homepage, source, licence, tags, deprecated } = details;
  return {
    ...(homepage && { Homepage: homepage }),
    ...(source && { Source: source }),
    ...(licence && { Licence: licence }),
    ...(tags && { Tags: tags.join(", ") }),
    ...(deprecated && { Deprecated: deprecationText(deprecated) }),
  };
};

/** A text of a keeper, indented, so that none of its lines looks like one of this program. */
export const quotedLines = (text: string): string[] => text.split("\n").map((line) => `  ${line}`.trimEnd());

/** What changed in each version, newest first. */
export const changelogLines = (namespace: string, changelog: UpdateChangelog = []): string[] =>
  changelog.flatMap(({ version, changelog: text }) => [`${namespace} ${version}:`, ...quotedLines(text)]);
