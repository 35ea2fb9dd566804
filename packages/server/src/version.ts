import manifest from "../package.json" with { type: "json" };

/** Hitagi's version. */
export const version: string = manifest.version;

/** The name, motto and version of the server. */
export const serverInfo = {
  name: "Hitagi",
  motd: "A plugin registry and sandboxed plugin host.",
  version,
  version_name: "Hitagi",
  version_desc: "See /api/docs for its calls.",
} as const;
