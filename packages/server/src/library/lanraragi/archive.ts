import { ArchiveId, cleanLine } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { ArchiveRecord } from "../../store/types.ts";
import { storedText, tidyTags, titleOr } from "../tags.ts";
import { notLanraragi } from "./faults.ts";

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
/** Numbers, which older versions write as text. */
const Count = Type.Optional(Type.Union([Type.Number(), Type.String(), Type.Null()]));

/** The id of a tankoubon, a group of archives, which LANraragi puts among the archives of some lists. */
const GROUP = /^TANK_/;

const isGroup = (entry: unknown): boolean =>
  typeof entry === "object" && entry !== null && "arcid" in entry && GROUP.test(String(entry.arcid));

/** An archive in LANraragi's answers. The fields differ between its versions. */
const WireArchive = Type.Object({
  arcid: ArchiveId,
  title: Text,
  tags: Text,
  summary: Text,
  filename: Text,
  extension: Text,
  pagecount: Count,
  size: Count,
});

const List = Type.Array(WireArchive);

const count = (value: number | string | null | undefined): number => {
  const n = Number(value ?? 0);
  return Number.isSafeInteger(n) && n > 0 ? n : 0;
};

/** When it was added, which LANraragi stores as a tag, in epoch seconds; 0 without the tag. */
const addedIn = (tags: string): number =>
  Number(/(?:^|,)\s*date_added:\s*(\d{1,11})\s*(?:,|$)/i.exec(tags)?.[1] ?? 0);

const recordOf = (wire: Static<typeof WireArchive>): ArchiveRecord => {
  const name = cleanLine(wire.filename ?? "");
  const tags = wire.tags ?? "";
  return {
    id: wire.arcid,
    file: wire.extension ? `${name}.${wire.extension}` : name,
    title: titleOr(wire.title, name),
    tags: tidyTags(tags),
    summary: storedText(wire.summary ?? ""),
    size: count(wire.size),
    pages: count(wire.pagecount),
    added: addedIn(tags),
  };
};

/** @throws HitagiError LIBRARY_ANSWER */
export const readArchive = (body: unknown): ArchiveRecord => {
  if (Value.Check(WireArchive, body)) return recordOf(body);
  throw notLanraragi("an archive's metadata has another shape");
};

/** The archives of a list; groups of archives are left out. @throws HitagiError LIBRARY_ANSWER */
export const readArchives = (body: unknown): ArchiveRecord[] => {
  const archives = Array.isArray(body) ? body.filter((entry) => !isGroup(entry)) : body;
  if (Value.Check(List, archives)) return archives.map(recordOf);
  throw notLanraragi("its list of archives has another shape");
};
