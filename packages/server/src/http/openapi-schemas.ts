import * as contract from "@hitagi/contract";
import { type TSchema, Type } from "typebox";

/** A schema as JSON. */
type Json = Record<string, unknown>;

/** Two schemas that differ only in their description are one. */
const keyOf = ({ description: _, ...schema }: Json): string => JSON.stringify(schema);

/** Whether a schema is worth a name: a text or number without a form of its own is not. */
const isNamed = (value: unknown): value is TSchema & Json =>
  Type.IsSchema(value) &&
  ["properties", "patternProperties", "pattern", "enum", "anyOf"].some((word) => word in value);

/**
 * The schemas of an OpenAPI document by name. Every schema that the contract exports has its name there; wherever it occurs
 * in another one is a reference.
 */
export const createNamedSchemas = () => {
  const names = new Map<string, string>();
  /** The same with their descriptions, which tell apart schemas of one form, such as names of two kinds of things. */
  const described = new Map<string, string>();
  const components: Record<string, Json> = {};
  const used = new Set<string>();

  /** Replaces each named schema below a value by a reference. */
  const referTo = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(referTo);
    if (typeof value !== "object" || value === null) return value;
    const name = described.get(JSON.stringify(value)) ?? names.get(keyOf(value as Json));
    return name === undefined ? referBelow(value as Json) : reference(name, value as Json);
  };
  const referBelow = (value: Json): Json =>
    Object.fromEntries(Object.entries(value).map(([word, below]) => [word, referTo(below)]));
  const reference = (name: string, { description }: Json): Json => {
    used.add(name);
    // OpenAPI 3.1 allows a description beside a reference.
    const ownWords = description !== undefined && description !== components[name]?.description;
    return { $ref: `#/components/schemas/${name}`, ...(ownWords && { description }) };
  };

  const add = (name: string, schema: TSchema): void => {
    const plain = JSON.parse(JSON.stringify(schema)) as Json;
    names.set(keyOf(plain), names.get(keyOf(plain)) ?? name);
    described.set(JSON.stringify(plain), name);
    components[name] = plain;
  };
  for (const [name, value] of Object.entries(contract)) if (isNamed(value)) add(name, value);

  return {
    /** A schema of a document, in which named ones are references. */
    refer: (schema: TSchema): Json => referTo(JSON.parse(JSON.stringify(schema))) as Json,
    /** Names a schema, unless it has a name or is worth none. @returns the reference, or the schema */
    name: (name: string, schema: TSchema): Json => {
      const key = keyOf(JSON.parse(JSON.stringify(schema)));
      if (!names.has(key) && isNamed(schema)) add(name, schema);
      return referTo(JSON.parse(key)) as Json;
    },
    /** The named schemas that were referred to, and those that they refer to in turn. */
    all: (): Record<string, Json> => {
      const all: Record<string, Json> = {};
      // A reference adds to the set, and the loop goes on to what was added.
      for (const name of used) all[name] = referBelow(components[name] ?? {});
      return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
};
export type NamedSchemas = ReturnType<typeof createNamedSchemas>;
