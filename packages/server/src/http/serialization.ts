import build from "fast-json-stringify";
import type { TSchema } from "typebox";

export type Serialize = (value: unknown) => string;

/** Serializers omit properties that the schema does not name, and throw where a required one is missing. */
export const createSerializers = (): ((schema: TSchema) => Serialize) => {
  const compiled = new WeakMap<TSchema, Serialize>();
  return (schema) => (value) => {
    const serialize = compiled.get(schema) ?? build(schema);
    compiled.set(schema, serialize);
    return serialize(value);
  };
};
export type Serializers = ReturnType<typeof createSerializers>;
