import type { FastifyServerOptions } from "fastify";

const none = () => {
  throw new Error("this app has no compiler of schemas");
};

/**
 * Fastify's option `schemaController` for an app that sets its compilers itself, or has no schemas. Without it, Fastify loads
 * its own compilers, which are as large as Fastify.
 */
export const noCompilers: NonNullable<FastifyServerOptions["schemaController"]> = {
  compilersFactory: { buildValidator: none, buildSerializer: none },
};
