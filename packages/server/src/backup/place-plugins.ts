import path from "node:path";
import { createLocalArtifacts } from "../artifacts/local.ts";
import type { Endpoint } from "../store-copy/endpoint.ts";
import { restorePluginFiles } from "./plugin-files.ts";

/**
 * Makes the plugins' files of a data folder be what the records say that were copied beside it. One that its owner has changed is left,
 * and so is what no record names. A store that is no file has no such folder: its servers see to their files when they start.
 * @param plugins the folder of the plugins, where it is not that in the data folder
 * @throws the file system's error
 */
export const placePlugins = async (
  { port, data }: Pick<Endpoint, "port" | "data">,
  plugins: string | undefined,
): Promise<void> => {
  if (data === undefined) return;
  const folder = plugins ?? path.join(data, "plugins");
  const artifacts = createLocalArtifacts(path.join(data, "artifacts"));
  for await (const { records } of port.kinds.plugins.pages()) {
    await restorePluginFiles({ folder, artifacts }, records, []);
  }
};
