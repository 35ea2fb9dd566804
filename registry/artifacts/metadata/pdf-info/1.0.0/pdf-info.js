// ../../shared/languages.ts
var NO_LANGUAGE = /* @__PURE__ */ new Set(["und", "mul", "mis", "zxx"]);
var languageTags = (text) => {
  const code = text.trim().replaceAll("_", "-").toLowerCase();
  const [language = ""] = code.split("-");
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(code) || NO_LANGUAGE.has(language)) return [];
  const names2 = new Intl.DisplayNames(["en"], { type: "language" });
  return [`language:${(names2.of(language) ?? language).toLowerCase()}`];
};

// ../../shared/tags.ts
var tagOf = (namespace, value) => {
  const text = value.replace(/\s*,\s*/g, " ").replace(/\s+/g, " ").trim();
  return namespace === "" ? text : `${namespace}:${text}`;
};
var tagsOf = (namespace, values) => values.filter((value) => value.trim() !== "").map((value) => tagOf(namespace, value));
var sourceOf = (address) => address.trim().replace(/^https?:\/\/(www\.)?/i, "").replace(/[/,;]+$/, "").replaceAll(",", "%2C");
var sourceTags = (text) => text.split(/[\s,;]+(?=https?:\/\/)|\s+/i).filter((address) => /^https?:\/\//i.test(address)).map((address) => `source:${sourceOf(address)}`);
var dateTags = (year, month = "", day = "") => {
  const isNumber = (text, max) => /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= max;
  if (!/^\d{4}$/.test(year)) return [];
  if (!isNumber(month, 12)) return [`date:${year}`];
  const parts = [year, month.padStart(2, "0"), ...isNumber(day, 31) ? [day.padStart(2, "0")] : []];
  return [`date:${parts.join("-")}`];
};
var dateTagsIn = (text) => {
  const [, year = "", month, day] = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?/.exec(text.trim()) ?? [];
  return dateTags(year, month, day);
};
var distinct = (tags) => {
  const seen = /* @__PURE__ */ new Set();
  return tags.filter((tag) => !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
};
var foundOf = (tags, title = "", summary = "") => ({
  tags: distinct(tags),
  ...title.trim() && { title: title.trim() },
  ...summary.trim() && { summary: summary.trim() }
});

// info-dictionary.ts
var bytesAsText = (bytes) => {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join("");
};
var textAsBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
var ESCAPES = { n: "\n", r: "\r", t: "	", b: "\b", f: "\f" };
var literalString = (text, start) => {
  let result = "";
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === "\\") {
      const [sequence = "", octal] = /^\\(?:([0-7]{1,3})|\r\n|[\s\S])/.exec(text.slice(at, at + 4)) ?? [];
      const plain = sequence.slice(1);
      if (octal !== void 0) result += String.fromCharCode(Number.parseInt(octal, 8) & 255);
      else if (!/^[\r\n]/.test(plain)) result += ESCAPES[plain] ?? plain;
      at += Math.max(1, sequence.length) - 1;
      continue;
    }
    if (character === ")" && --depth === 0) return result;
    if (character !== "(" || depth++ > 0) result += character;
  }
  return result;
};
var hexString = (digits) => {
  const plain = digits.replace(/\s+/g, "");
  const pairs = plain.length % 2 === 0 ? plain : `${plain}0`;
  return pairs.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
};
var decodeText = (bytes) => {
  if (bytes.startsWith("þÿ")) return new TextDecoder("utf-16be").decode(textAsBytes(bytes));
  if (bytes.startsWith("ÿþ")) return new TextDecoder("utf-16le").decode(textAsBytes(bytes));
  if (bytes.startsWith("ï»¿")) return new TextDecoder().decode(textAsBytes(bytes));
  return bytes;
};
var stringAt = (dictionary, key) => {
  const match = new RegExp(`/${key}\\s*(?:(\\()|<([\\da-fA-F\\s]*)>)`).exec(dictionary);
  if (!match) return "";
  const [whole, isLiteral, hex = ""] = match;
  const bytes = isLiteral ? literalString(dictionary, match.index + whole.length - 1) : hexString(hex);
  return decodeText(bytes).trim();
};
var inflate = async (data) => {
  const stream = new Blob([textAsBytes(data)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return bytesAsText(new Uint8Array(await new Response(stream).arrayBuffer()));
};
var compressedObject = async (file, id) => {
  for (const { index } of file.matchAll(/\/Type\s*\/ObjStm\b/g)) {
    const header = file.slice(file.lastIndexOf(" obj", index), file.indexOf("stream", index));
    const begin = file.indexOf("stream", index) + "stream".length;
    const start = begin + (/^\r?\n/.exec(file.slice(begin, begin + 2))?.[0].length ?? 0);
    const [, length] = /\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(header) ?? [];
    const end = length === void 0 ? file.indexOf("endstream", start) : start + Number(length);
    const [, first = "0"] = /\/First\s+(\d+)/.exec(header) ?? [];
    const data = await inflate(file.slice(start, end)).catch(() => "");
    const numbers = data.slice(0, Number(first)).trim().split(/\s+/);
    const at = numbers.findIndex((number, i) => i % 2 === 0 && number === id);
    if (at >= 0) return data.slice(Number(first) + Number(numbers[at + 1]));
  }
  return void 0;
};
var infoDictionary = async (file) => {
  const id = [...file.matchAll(/\/Info\s+(\d+)\s+\d+\s+R/g)].at(-1)?.[1];
  if (id === void 0) return void 0;
  const plain = [...file.matchAll(new RegExp(`(?:^|\\s)${id}\\s+\\d+\\s+obj\\b`, "g"))].at(-1);
  if (!plain) return compressedObject(file, id);
  const end = file.indexOf("endobj", plain.index);
  return file.slice(plain.index, end < 0 ? void 0 : end);
};

// pdf-info.ts
var PIECE = 4 * 1024 * 1024;
var readEnds = async ({ archive }) => {
  const { size, readAt } = await archive.open();
  const offsets = size <= PIECE ? [0] : [0, Math.max(PIECE, size - PIECE)];
  const pieces = [];
  for (const offset of offsets) pieces.push(bytesAsText(await readAt(offset, PIECE)));
  return pieces.join("\n");
};
var names = (text) => text.split(text.includes(";") ? ";" : ",").map((name) => name.trim());
var fromInfo = (dictionary) => {
  const [, year, month, day] = /^D:(\d{4})(\d\d)?(\d\d)?/.exec(stringAt(dictionary, "CreationDate")) ?? [];
  const created = [year, month, day].filter((part) => part !== void 0).join("-");
  const tags = [
    ...tagsOf("writer", names(stringAt(dictionary, "Author"))),
    ...tagsOf("", names(stringAt(dictionary, "Keywords"))),
    ...tagsOf("created", [created])
  ];
  return foundOf(tags, stringAt(dictionary, "Title"), stringAt(dictionary, "Subject"));
};
var localName = ({ tagName }) => tagName.slice(tagName.indexOf(":") + 1);
var valuesOf = (packet, prefix, property) => {
  const elements = [...packet.querySelectorAll("*")];
  const found = elements.find(({ tagName }) => tagName === `${prefix}:${property}`);
  if (!found) return [];
  const items = [...found.querySelectorAll("*")].filter((element) => localName(element) === "li");
  return (items.length > 0 ? items : [found]).map(({ textContent }) => textContent?.trim() ?? "");
};
var fromXmp = (packet) => {
  const dc = (property) => valuesOf(packet, "dc", property);
  const tags = [
    ...tagsOf("writer", dc("creator")),
    ...tagsOf("", dc("subject")),
    ...tagsOf("publisher", dc("publisher")),
    ...dc("language").flatMap(languageTags),
    ...dc("date").slice(0, 1).flatMap(dateTagsIn),
    ...tagsOf("isbn", valuesOf(packet, "prism", "isbn")),
    ...dc("source").flatMap(sourceTags)
  ];
  return foundOf(tags, dc("title")[0], dc("description")[0]);
};
var xmpIn = (ctx, file) => {
  const start = file.lastIndexOf("<x:xmpmeta");
  const end = file.indexOf("</x:xmpmeta>", start);
  if (start < 0 || end < 0) return void 0;
  const bytes = Uint8Array.from(file.slice(start, end), (character) => character.charCodeAt(0));
  const text = `${new TextDecoder().decode(bytes)}</x:xmpmeta>`;
  return ctx.xml(text).documentElement ?? void 0;
};
var pdf_info_default = {
  namespace: "pdf-info",
  type: "metadata",
  name: "PDF document information",
  version: "1.0.0",
  author: "Hitagi",
  description: "Reads tags, title and summary from the document information of a PDF, and from its XMP packet.",
  async getTags(ctx) {
    if (!/\.pdf$/i.test(ctx.archive.filename)) return {};
    const file = await readEnds(ctx);
    if (/\/Encrypt\s+\d+\s+\d+\s+R/.test(file)) {
      ctx.log.info(`${ctx.archive.filename} is encrypted, so its information cannot be read`);
      return {};
    }
    const dictionary = await infoDictionary(file);
    const packet = xmpIn(ctx, file);
    const info = dictionary === void 0 ? {} : fromInfo(dictionary);
    const xmp = packet ? fromXmp(packet) : {};
    return { ...info, ...xmp, tags: [...info.tags ?? [], ...xmp.tags ?? []] };
  }
};
export {
  pdf_info_default as default
};
