import type { Expression } from "../perl/syntax.ts";
import { atom, type Code, compound, Untranslatable, wrapped } from "./code.ts";
import { textCode, valueCode } from "./rules.ts";
import { rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

type Call = Extract<Expression, { kind: "call" }>;
type Translate = (t: Translation, call: Call) => Code;

const argument = ({ name, args }: Call, place: number): Expression => {
  const value = args[place];
  if (!value) throw new Untranslatable(`${name} without a value`);
  return value;
};

const textArgument = (t: Translation, call: Call): string => textCode(t, argument(call, 0)).text;

/** The first argument, for a method of it. */
const target = (t: Translation, call: Call): string => wrapped(textCode(t, argument(call, 0)));

/** Only the archive of the call can be read. */
const assertArchive = (t: Translation, call: Call): void => {
  if (valueCode(t, argument(call, 0)).type !== "archive")
    throw new Untranslatable("another archive than that of the call");
};

/** Whether a name ends so: a text, or the pattern that LANraragi makes of one. */
const endsWith = (t: Translation, name: Expression): string => {
  const isQuoted = name.kind === "call" && name.name === "quotemeta";
  const text = isQuoted ? (name.args[0] ?? name) : name;
  const isPlain = isQuoted || (text.kind === "string" && !/[\\*+?()[\]{}|^$@]/.test(text.text));
  if (isPlain) return `name.endsWith(${textCode(t, text).text})`;
  if (text.kind === "string" && !text.interpolates) {
    const pattern: Expression = {
      kind: "regex",
      pattern: { text: `${rawText(text.text)}$`, flags: "", interpolates: false },
    };
    return `${valueCode(t, pattern).text}.test(name)`;
  }
  return `new RegExp(\`\${${textCode(t, text).text}}$\`).test(name)`;
};

const isFileInArchive: Translate = (t, call) => {
  assertArchive(t, call);
  const entries = t.awaited(`${t.context}.archive.entries()`, "list");
  const test = endsWith(t, argument(call, 1));
  return compound(`(${entries.text}).find(({ name }) => ${test})?.name`, "entry");
};

/** The file is read where it is opened. */
const extractFile: Translate = (t, call) => {
  assertArchive(t, call);
  const entry = valueCode(t, argument(call, 1));
  return entry.type === "entry" ? entry : { ...textCode(t, argument(call, 1)), type: "entry" };
};

const isUrlRecorded: Translate = (t, call) => {
  t.helper("trimAddress");
  return t.awaited(`${t.helper("archiveFrom")}(${t.context}, ${textArgument(t, call)})`, "maybeText");
};

const logger: Translate = () => atom("", "logger");

const same: Translate = (t, call) => valueCode(t, argument(call, call.args.length - 1));

/** Functions of LANraragi that plugins import. */
export const laNraragiFunctions: Readonly<Record<string, Translate>> = {
  get_plugin_logger: logger,
  get_logger: logger,
  trim: (t, call) => atom(`${target(t, call)}.trim()`, "text"),
  trim_CRLF: (t, call) => atom(`${target(t, call)}.replace(/[\\r\\n]+/g, "")`, "text"),
  trim_url: (t, call) => atom(`${t.helper("trimAddress")}(${textArgument(t, call)})`, "text"),
  remove_separator: (t, call) =>
    atom(`${target(t, call)}.replaceAll(${textCode(t, argument(call, 1)).text}, " ")`, "text"),
  is_file_in_archive: isFileInArchive,
  extract_file_from_archive: extractFile,
  is_url_recorded: isUrlRecorded,
  is_archive: (t, call) => atom(`${t.helper("isArchive")}(${textArgument(t, call)})`, "flag"),
  is_image: (t, call) => atom(`${t.helper("isImage")}(${textArgument(t, call)})`, "flag"),
  redis_decode: same,
  redis_encode: same,
};
