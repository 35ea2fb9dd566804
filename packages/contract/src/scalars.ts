import { Type } from "typebox";

/** Whole seconds since 1970. */
export const Epoch = Type.Integer({ minimum: 0 });

export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(t: T) =>
  Type.Union([t, Type.Null()]);
