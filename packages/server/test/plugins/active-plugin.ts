import type { Manifest } from "@hitagi/contract";
import type { ActivePlugin } from "../../src/plugins/types.ts";

/** An active plugin with this manifest and these fields, for tests that run no code. */
export const activePlugin = (
  manifest: Partial<Manifest> = {},
  fields: Partial<ActivePlugin> = {},
): ActivePlugin => {
  const whole: Manifest = {
    namespace: "sample",
    type: "metadata",
    name: "Sample",
    version: "1.0.0",
    author: "me",
    description: "",
    ...manifest,
  };
  const { namespace } = whole;
  return {
    namespace,
    manifest: whole,
    origin: "sideloaded",
    runtime: "deno",
    path: `Sideloaded/${namespace}.ts`,
    registry: null,
    code: { namespace, sha256: "a".repeat(64), filename: `${namespace}.ts`, source: Buffer.alloc(0) },
    granted: {},
    enabled: false,
    hidden: false,
    priority: 0,
    health: { state: "ok" },
    ...fields,
  };
};
