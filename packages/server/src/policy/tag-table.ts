import type { FileHandle } from "node:fs/promises";
import { comparableText, HitagiError, isHitagiError, type TagTable } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";

/** A translation of tags: the tag itself if it is not in the table. */
export type Translate = (tag: string) => string;

export interface TagTablesDeps {
  files: {
    check(file: string): Promise<string>;
    open(granted: readonly string[], file: string): Promise<FileHandle>;
  };
}

export interface TagTables {
  /** @throws HitagiError FILE_NOT_GRANTABLE, TAG_TABLE_UNUSABLE */
  check(table: TagTable): Promise<TagTable>;
  /** The table in a file as it is now. @throws HitagiError TAG_TABLE_UNUSABLE */
  open(table: TagTable): Promise<{ translate: Translate; size: number }>;
}

const MAX_BYTES = 64 * 1024 * 1024;

const Name = Type.Union([
  Type.String(),
  Type.Object({ text: Type.String() }),
  Type.Object({ raw: Type.String() }),
]);

/** EhTagTranslation's database: a list of namespaces with their tags; `rows` names the namespaces themselves. */
const Database = Type.Object({
  data: Type.Array(
    Type.Object({
      namespace: Type.String(),
      data: Type.Record(Type.String(), Type.Object({ name: Name })),
    }),
  ),
});

/** A tag with its translation in each property. */
const Flat = Type.Record(Type.String(), Type.String());

/** A comma would make two tags of one. */
const oneTag = (text: string): string => text.replaceAll(",", " ").replace(/\s+/g, " ").trim();

const nameOf = (name: Static<typeof Name>): string => {
  if (typeof name === "string") return oneTag(name);
  return oneTag("text" in name ? name.text : name.raw);
};

const ROWS = "rows";

const entriesOf = (
  document: unknown,
  withNamespaces: boolean,
): [tag: string, translation: string][] | undefined => {
  if (Value.Check(Flat, document)) return Object.entries(document).map(([tag, to]) => [tag, oneTag(to)]);
  if (!Value.Check(Database, document)) return undefined;
  const rows = document.data.find(({ namespace }) => namespace === ROWS)?.data ?? {};
  const renamed = (namespace: string): string => {
    const row = withNamespaces && Object.hasOwn(rows, namespace) ? rows[namespace] : undefined;
    return (row && nameOf(row.name)) || namespace;
  };
  return document.data
    .filter(({ namespace }) => namespace !== ROWS)
    .flatMap(({ namespace, data }) =>
      Object.entries(data).map(([tag, { name }]): [string, string] => [
        `${namespace}:${tag}`,
        `${renamed(namespace)}:${nameOf(name) || tag}`,
      ]),
    );
};

const parse = (file: string, text: string, withNamespaces: boolean): Map<string, string> => {
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new HitagiError("TAG_TABLE_UNUSABLE", { file, reason: "it is no JSON" }, { cause });
  }
  const entries = entriesOf(document, withNamespaces);
  if (entries !== undefined) return new Map(entries.map(([tag, to]) => [comparableText(tag), to]));
  const reason = "it is neither a database of EhTagTranslation nor an object of tags with their translations";
  throw new HitagiError("TAG_TABLE_UNUSABLE", { file, reason });
};

/** Translation tables in files that the owner names. A file is read again when it has changed. */
export const createTagTables = ({ files }: TagTablesDeps): TagTables => {
  let kept: { key: string; entries: Map<string, string> } | undefined;

  const read = async ({ file, namespaces }: TagTable): Promise<Map<string, string>> => {
    const handle = await files.open([file], file);
    try {
      const { dev, ino, size, mtimeMs } = await handle.stat();
      const key = JSON.stringify([file, namespaces, dev, ino, size, mtimeMs]);
      if (kept?.key === key) return kept.entries;
      if (size > MAX_BYTES)
        throw new HitagiError("TAG_TABLE_UNUSABLE", { file, reason: "it is larger than 64 MiB" });
      const entries = parse(file, await handle.readFile("utf8"), namespaces);
      kept = { key, entries };
      return entries;
    } finally {
      await handle.close();
    }
  };
  const open: TagTables["open"] = async (table) => {
    const entries = await read(table).catch((error: unknown) => {
      if (!isHitagiError(error) || error.code === "TAG_TABLE_UNUSABLE") throw error;
      throw new HitagiError(
        "TAG_TABLE_UNUSABLE",
        { file: table.file, reason: error.message },
        { cause: error },
      );
    });
    return { translate: (tag) => entries.get(comparableText(tag)) ?? tag, size: entries.size };
  };
  return {
    open,
    check: async (table) => {
      const checked = { ...table, file: await files.check(table.file) };
      await open(checked);
      return checked;
    },
  };
};
