import build from "fast-json-stringify";
import type { TSchema } from "typebox";

export type Serialize = (value: unknown) => string;

/**
 * The function that writes values of a schema as JSON: what the schema does not name is left out, and a value that
 * lacks what it requires throws. Compiled at first use, and once a schema however many calls share it.
 */
export const createSerializers = (): ((schema: TSchema) => Serialize) => {
  const known = new WeakMap<TSchema, Serialize>();
  return (schema) => (value) => {
    const serialize = known.get(schema) ?? build(schema);
    known.set(schema, serialize);
    return serialize(value);
  };
};
export type Serializers = ReturnType<typeof createSerializers>;
