import path from "node:path";
import { type Config, searchPath } from "../config/config.ts";
import { readNetwork } from "../config/network.ts";
import { createHttp } from "../sources/http.ts";
import { createSources } from "../sources/sources.ts";

/** How registries are reached, as the configuration says. The caller closes `http`. */
export const composeSources = (config: Config) => {
  const network = readNetwork(config);
  const http = createHttp(undefined, network);
  const git = {
    binary: config.git,
    folder: path.join(config.data, "git"),
    searchPath: searchPath(),
    network,
  };
  const sources = createSources({ http, forges: config, git });
  return { network, http, sources, timeoutMs: config.fetchTimeout * 1000 };
};
