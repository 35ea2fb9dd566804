import { recordCheck } from "../bad-records.ts";
import { DocumentRecord, documentText, unusableDocument } from "../contract/documents.ts";
import type { DocumentStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { type Row, recordOf, type Table } from "./table.ts";

export const documents: Table<DocumentRecord> = {
  name: "documents",
  columns: "name, value, revision",
  key: "name",
  order: { name: "" },
  json: ["value"],
  check: recordCheck(DocumentRecord),
};

export const createDocumentStore = (connection: Connection): DocumentStore => {
  const find = connection.one<Row>("SELECT name, value, revision FROM documents WHERE name = ?");
  const add = connection.change("INSERT OR IGNORE INTO documents (name, value, revision) VALUES (?, ?, 1)");
  const change = connection.change(
    "UPDATE documents SET value = ?, revision = revision + 1 WHERE name = ? AND revision = ?",
  );
  return {
    get: async (name) => {
      const row = await find(name);
      if (row === undefined) return undefined;
      const found = recordOf(connection, documents, row);
      if (found === undefined) throw unusableDocument(name);
      return { value: found.value, revision: found.revision };
    },
    set: async (name, value, expected) => {
      const text = documentText(name, value);
      const changed = expected === 0 ? await add(name, text) : await change(text, name, expected);
      return changed > 0 ? expected + 1 : undefined;
    },
  };
};
