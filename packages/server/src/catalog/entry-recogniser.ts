import { IndexPlugin, IndexVersion, PluginType } from "@hitagi/contract";
import { PLAIN_PATH } from "../sources/relative-path.ts";
import type { OfferSummary } from "../store/types.ts";
import type { EntryOffsets } from "./entry-offsets.ts";
import { chooseVersion, type parseVersion } from "./version-choice.ts";

/** Entries up to this many characters are recognised; matching longer ones could take much memory. */
const MAX_ENTRY = 64 * 1024;

/** A pattern's source without the anchors around it. */
const inner = (source: string): string => source.replace(/^\^/, "").replace(/\$$/, "");

/** A keyword of a schema, as text. */
const keyword = (schema: object, name: "pattern" | "maxLength"): string => String(Reflect.get(schema, name));

const { sha256 } = IndexVersion.properties;
const { namespace } = IndexPlugin.properties;

const PLAIN = String.raw`[^"\\\u0000-\u001f]*`;
const ESCAPE = String.raw`\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})`;
const text = `(?!")${PLAIN}(?:${ESCAPE}${PLAIN})*`;
const number = String.raw`(?:0|[1-9]\d{0,14})`;
const release = String.raw`${number}\.${number}\.${number}`;
const date = [
  "(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
  "(?:0[13-9]|1[0-2])-(?:29|30)",
  "(?:0[13578]|1[02])-31",
].join("|");

/** What right values look like, between their quotes; narrower than the rules where that is simpler. */
const values: Record<string, string> = {
  ...Object.fromEntries(Object.keys(IndexVersion.properties).map((field) => [field, text])),
  version: String.raw`\1`,
  artifact: `(?=[^"]{1,1000}")${inner(PLAIN_PATH.source)}`,
  sha256: inner(keyword(sha256, "pattern")),
  published_at: String.raw`\d{4}-(?:${date})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ`,
  namespace: `(?=[^"]{1,${keyword(namespace, "maxLength")}}")(?<namespace>${inner(keyword(namespace, "pattern"))})`,
  type: `(?<type>${PluginType.enum.join("|")})`,
};

/** A sticky pattern of JSON tokens, with white space (RFC 8259 §2) wherever it may be. */
const tokens = (...all: string[]): RegExp => new RegExp(all.join("[ \\t\\r\\n]*"), "y");

const members = (fields: string[]): string[] =>
  fields.flatMap((field, n) => [...(n === 0 ? [] : [","]), `"${field}"`, ":", `"${values[field]}"`]);

const patternsFor = (pluginFields: string[], versionFields: string[]) => ({
  head: tokens("\\{", ...members(pluginFields), ",", '"versions"', ":", "\\{", ""),
  version: tokens(`"(${release})"`, ":", "\\{", ...members(versionFields), "\\}", ""),
  comma: tokens(",", ""),
  tail: tokens("\\}", "\\}"),
});

const matchAt = (pattern: RegExp, at: number, whole: string): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(whole);
};

/** Where a version stands, from the quote of its key. */
type Place = Pick<EntryOffsets, "start" | "end">;

const parseVersionAt = (whole: string, { start, end }: Place): IndexVersion =>
  JSON.parse(whole.slice(whole.indexOf("{", start), end)) as IndexVersion;

/**
 * Sums up an entry that it recognises as right without parsing it, or answers undefined, which says nothing: the
 * rules then decide.
 */
export type RecogniseEntry = (whole: string, cut: EntryOffsets, key: string) => OfferSummary | undefined;

/**
 * Programs write all entries of an index in one way, most of them with plain values. Recognising those takes a third
 * of the time of parsing and checking them. It must never recognise what the rules refuse.
 * @param sample an entry that the rules accept: the order of its fields is the order that is recognised
 */
export const createRecogniser = (sample: IndexPlugin, read: typeof parseVersion): RecogniseEntry => {
  const fields = Object.keys(sample);
  const versionFields = Object.keys(Object.values(sample.versions)[0] ?? {});
  if (fields.pop() !== "versions") return () => undefined;
  const patterns = patternsFor(fields, versionFields);

  /** Where each version stands, with its key; undefined where one is not recognised or stands twice. */
  const versionsAt = (whole: string, from: number, end: number): Map<string, Place> | undefined => {
    const places = new Map<string, Place>();
    for (let start = from; ; start = patterns.comma.lastIndex) {
      const version = matchAt(patterns.version, start, whole)?.[1];
      if (version === undefined || places.has(version)) return undefined;
      const after = patterns.version.lastIndex;
      places.set(version, { start, end: after });
      if (matchAt(patterns.comma, after, whole)) continue;
      return matchAt(patterns.tail, after, whole) && patterns.tail.lastIndex === end ? places : undefined;
    }
  };

  return (whole, { start, end }, key) => {
    if (end - start > MAX_ENTRY) return undefined;
    const head = matchAt(patterns.head, start, whole)?.groups;
    if (head === undefined || head.namespace !== key) return undefined;
    const places = versionsAt(whole, patterns.head.lastIndex, end);
    const version = places && chooseVersion([...places.keys()], read);
    const place = version && places.get(version);
    if (!place) return undefined;
    const { name, author, description, published_at } = parseVersionAt(whole, place);
    const type = head.type as PluginType;
    return { namespace: key, type, version, name, author, description, published_at, versions: places.size };
  };
};
