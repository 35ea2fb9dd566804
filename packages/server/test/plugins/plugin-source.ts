import { type Manifest, toNamespace } from "@hitagi/contract";
import { entryPoints } from "../../src/runtimes/types.ts";

/**
 * A plugin's file.
 * @param manifest its namespace, type and further fields
 * @param body the statements of its entry point, with `ctx` in scope
 */
export const pluginSource = (
  { namespace, type, ...more }: Pick<Manifest, "namespace" | "type"> & Partial<Manifest>,
  body: string,
): string => `export default {
  namespace: "${namespace}", type: "${type}",
  ...${JSON.stringify({ name: `The ${namespace}`, version: "1.0.0", author: "me", description: "", ...more })},
  async ${entryPoints[type]}(ctx) { ${body} },
};
`;

/** A script that returns its argument and settings. */
export const echo = (namespace = "echo", more: Partial<Manifest> = {}): string =>
  pluginSource(
    { namespace: toNamespace(namespace), type: "script", ...more },
    "return { arg: ctx.arg, settings: ctx.settings };",
  );
