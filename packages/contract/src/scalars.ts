import { Type } from "typebox";

/** Seconds since 1970, whole. */
export const Epoch = Type.Integer({ minimum: 0 });

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(t: T) =>
  Type.Union([t, Type.Null()]);
