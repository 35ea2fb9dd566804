import { readConfig, searchPath } from "../../src/config/config.ts";
import type { Network } from "../../src/net/http-agents.ts";
import type { Http } from "../../src/sources/http.ts";
import type { SourceDeps } from "../../src/sources/sources.ts";

/** What the drivers are made from, with the default configuration and the git of this machine. */
export const sourceDeps = (http: Http, folder: string, network: Network = {}): SourceDeps => ({
  http,
  forges: readConfig({}, {}),
  git: { binary: "git", folder, searchPath: searchPath(), network },
});
