import { entryPoints } from "../../runtimes/types.ts";
import type { ManifestSource } from "../manifest-source.ts";
import type { LoadedPlugin } from "../types.ts";

/** The place of the function that a server calls. */
export const placeOfEntry = (
  plugin: LoadedPlugin | undefined,
  source: ManifestSource,
): ReturnType<ManifestSource["placeOf"]> =>
  source.placeOf(plugin === undefined ? [] : [entryPoints[plugin.manifest.type]]);
