import manifest from "../package.json" with { type: "json" };

/** Hitagi's version. */
export const version: string = manifest.version;
