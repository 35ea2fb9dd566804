import type { Provider } from "@hitagi/contract";
import { createCdnSource } from "./cdn.ts";
import type { ForgeBases } from "./forge-table.ts";
import { createGiteaSource, createGithubSource, createGitlabSource } from "./forges.ts";
import type { Http } from "./http.ts";
import { createLocalSource } from "./local.ts";
import type { Source } from "./types.ts";

/** What the drivers are made from. */
export interface SourceDeps {
  http: Http;
  forges: ForgeBases;
}

/** Every driver. A new one is a file beside this one (or a row of the forges' table), a row here, and its name in the contract's Provider. */
export const drivers: Record<Provider, (deps: SourceDeps) => Source> = {
  github: createGithubSource,
  gitlab: createGitlabSource,
  gitea: createGiteaSource,
  cdn: createCdnSource,
  local: createLocalSource,
};

export interface Sources {
  get(provider: Provider): Source;
}

/** Gives the driver of each provider. */
export const createSources = (deps: SourceDeps): Sources => ({
  get: (provider) => drivers[provider](deps),
});
