import { type TSchema, Type } from "typebox";

/** The end of the year 9999 in seconds since 1970, the last time that JavaScript and RFC 3339 write with four digits. */
export const LAST_EPOCH = 253_402_300_799;

/** Whole seconds since 1970. */
export const Epoch = Type.Integer({ minimum: 0 });

/** The schema with a description, which the API's document shows. */
export const described = <T extends TSchema>(description: string, schema: T): T =>
  Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(schema), description: { value: description, enumerable: true } },
  ) as T;

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(t: T) =>
  Type.Union([t, Type.Null()]);
