import type { TSchema } from "typebox";
import { Value } from "typebox/value";

/** Texts of the forms that the contract has; the first one that fits a pattern is taken. */
const TEXTS = [
  "comic-info",
  "title",
  "REG_0000000001",
  "SET_1769824800",
  "28697b96f0ac5858be2614ed10ca47742c9522fd",
  "1.2.0",
  "02:00",
  "2026-01-31T02:00:00Z",
  "https://example.org/comics",
  "data:image/png;base64,iVBORw0KGgo=",
  "a".repeat(64),
];

/** Texts of properties, by name, for those that have no pattern. */
const NAMED: Readonly<Record<string, string>> = {
  ...{ id: "28697b96f0ac5858be2614ed10ca47742c9522fd", arcid: "28697b96f0ac5858be2614ed10ca47742c9522fd" },
  ...{ archive: "28697b96f0ac5858be2614ed10ca47742c9522fd", title: "My comic", file: "series/my-comic.cbz" },
  ...{ filename: "my-comic.cbz", extension: "cbz", tags: "artist:someone, language:english", summary: "" },
  ...{ version: "1.2.0", installed: "1.1.0", update: "1.2.0", name: "Example", author: "someone" },
  ...{ description: "Reads tags from a site.", plugin: "comic-info", namespace: "comic-info" },
  ...{ registryName: "Example", hint: "Try again later.", message: "It failed.", text: "A sentence." },
  ...{ successMessage: "Done.", task: "run_plugin", url: "https://example.org/comics" },
};

/** Epoch seconds of an example. */
const TIME = 1_769_824_800;

interface Json {
  const?: unknown;
  enum?: unknown[];
  anyOf?: TSchema[];
  type?: string;
  properties?: Record<string, TSchema>;
  patternProperties?: Record<string, TSchema>;
  items?: TSchema;
  minimum?: number;
  maximum?: number;
}

const textOf = (schema: TSchema, name: string): string => {
  const named = NAMED[name];
  const candidates = [...(named === undefined ? [] : [named]), "text", ...TEXTS];
  return candidates.find((text) => Value.Check(schema, text)) ?? "";
};

const numberOf = ({ minimum = 0, maximum }: Json): number => {
  const wanted = maximum === undefined || maximum > TIME ? 1 : Math.min(1, maximum);
  return Math.max(minimum, wanted);
};

/** A value that a schema accepts, with all its properties and one item in each list. @param name of the property that it is of */
export const exampleOf = (schema: TSchema, name = ""): unknown => {
  const json = schema as Json;
  if ("const" in json) return json.const;
  if (json.enum) return json.enum[0];
  if (json.anyOf) return exampleOf(json.anyOf[0] ?? {}, name);
  if (json.type === "object" || json.properties) {
    const [pattern] = Object.values(json.patternProperties ?? {});
    const properties = Object.entries(json.properties ?? {});
    if (properties.length === 0 && pattern) return { example: exampleOf(pattern) };
    return Object.fromEntries(properties.map(([key, below]) => [key, exampleOf(below, key)]));
  }
  if (json.type === "array") return json.items ? [exampleOf(json.items, name)] : [];
  if (json.type === "string") return textOf(schema, name);
  if (json.type === "integer" || json.type === "number") return numberOf(json);
  if (json.type === "boolean") return true;
  return null;
};
