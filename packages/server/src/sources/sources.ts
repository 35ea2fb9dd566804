import type { Provider, RegistryFields } from "@hitagi/contract";
import { createCdnSource } from "./cdn.ts";
import type { ForgeBases } from "./forge-table.ts";
import { createGiteaSource, createGithubSource, createGitlabSource } from "./forges.ts";
import { createGitSource, type GitDeps } from "./git.ts";
import type { Http } from "./http.ts";
import { createLocalSource } from "./local.ts";
import type { Source } from "./types.ts";

export interface SourceDeps extends GitDeps {
  http: Http;
  forges: ForgeBases;
}

/** All drivers. A new driver is a file here or a row of forge-table.ts, a row here, and a name in the contract's Provider. */
export const drivers: Record<Provider, (deps: SourceDeps) => Source> = {
  github: createGithubSource,
  gitlab: createGitlabSource,
  gitea: createGiteaSource,
  git: createGitSource,
  cdn: createCdnSource,
  local: createLocalSource,
};

export interface Sources {
  get(provider: Provider): Source;
  /** Removes the cached data of all other registries. */
  tidy(registries: readonly RegistryFields[]): Promise<void>;
}

export const createSources = (deps: SourceDeps): Sources => {
  const sources = Object.fromEntries(
    Object.entries(drivers).map(([provider, create]) => [provider, create(deps)]),
  ) as Record<Provider, Source>;
  return {
    get: (provider) => sources[provider],
    tidy: async (registries) => {
      const tidied = Object.values(sources).map((source) =>
        source.tidy?.(registries.filter(({ provider }) => provider === source.provider)),
      );
      await Promise.all(tidied);
    },
  };
};
