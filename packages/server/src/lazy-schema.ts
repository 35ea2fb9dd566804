import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** Compiles a schema at the first use: all of them take as long at the start of the server as listening on a port. */
export const lazySchema = <T extends TSchema>(schema: T) => {
  const compile = () => Compile(schema);
  let made: ReturnType<typeof compile> | undefined;
  return (): ReturnType<typeof compile> => {
    made ??= compile();
    return made;
  };
};
