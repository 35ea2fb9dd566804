import { recordCheck } from "../bad-records.ts";
import { DocumentRecord, documentText, unusableDocument } from "../contract/documents.ts";
import type { RecordStream } from "../contract/record-streams.ts";
import { onePage } from "../record-streams.ts";
import type { DocumentStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { atField, unlessWrongType } from "./records.ts";
import { LOG_CHANGE, script, toMap, wholeNumber } from "./script.ts";

const DOCUMENTS = names.documents;
const TYPES = { [DOCUMENTS]: "hash" } as const;
const check = recordCheck(DocumentRecord);

/** The revision stands before the document. */
const SET = script(`${LOG_CHANGE}
  local stored = redis.call('HGET', '${DOCUMENTS}', arg.name)
  local revision = stored and string.match(stored, '^%d+') or '0'
  if revision ~= arg.expected then return 0 end
  redis.call('HSET', '${DOCUMENTS}', arg.name, arg.next .. ' ' .. arg.text)
  logChange('documents')
  return 1
`);

const toDocument = ({ bad }: Connection, name: string, text: string): DocumentRecord | undefined =>
  bad.read(
    check,
    () => atField(DOCUMENTS, name),
    () => {
      const at = text.indexOf(" ");
      return { name, value: JSON.parse(text.slice(at + 1)), revision: wholeNumber(text.slice(0, at), 0) };
    },
  );

export const createDocumentStore = (connection: Connection): DocumentStore => ({
  get: async (name) => {
    const text = await unlessWrongType<string | null | false>(connection, TYPES, false, () =>
      connection.command("HGET", DOCUMENTS, name),
    );
    if (text === null) return undefined;
    const found = text === false ? undefined : toDocument(connection, name, text);
    if (found === undefined) throw unusableDocument(name);
    return { value: found.value, revision: found.revision };
  },
  set: async (name, value, expected) => {
    const [text, next] = [documentText(name, value), expected + 1];
    return (await connection.run(SET, {}, { name, text, expected, next })) === 1 ? next : undefined;
  },
});

const byName = (a: DocumentRecord, b: DocumentRecord): number => (a.name < b.name ? -1 : 1);

export const documentStream = (connection: Connection): RecordStream<DocumentRecord> => ({
  pages: onePage(async () => {
    const reply = await unlessWrongType<unknown>(connection, TYPES, [], () =>
      connection.command("HGETALL", DOCUMENTS),
    );
    return [...toMap(reply)].flatMap(([name, text]) => toDocument(connection, name, text) ?? []).sort(byName);
  }),
  async put(records) {
    for (const { name, value, revision } of records)
      await connection.command("HSET", DOCUMENTS, name, `${revision} ${documentText(name, value)}`);
  },
});
