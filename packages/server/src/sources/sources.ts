import type { Provider, RegistryFields } from "@hitagi/contract";
import { createCdnSource } from "./cdn.ts";
import type { ForgeBases } from "./forge-table.ts";
import { createGiteaSource, createGithubSource, createGitlabSource } from "./forges.ts";
import { createGitSource, type GitDeps } from "./git.ts";
import type { Http } from "./http.ts";
import { createLocalSource } from "./local.ts";
import type { Source } from "./types.ts";

/** What the drivers are made from. */
export interface SourceDeps extends GitDeps {
  http: Http;
  forges: ForgeBases;
}

/** Every driver. A new one is a file beside this one (or a row of the forges' table), a row here, and its name in the contract's Provider. */
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
  /** Removes what the drivers keep of registries that are not among these. */
  tidy(registries: readonly RegistryFields[]): Promise<void>;
}

/** Makes every driver once, and gives that of each provider. */
export const createSources = (deps: SourceDeps): Sources => {
  const made = Object.fromEntries(
    Object.entries(drivers).map(([provider, create]) => [provider, create(deps)]),
  ) as Record<Provider, Source>;
  return {
    get: (provider) => made[provider],
    tidy: async (registries) => {
      const tidied = Object.values(made).map((source) =>
        source.tidy?.(registries.filter(({ provider }) => provider === source.provider)),
      );
      await Promise.all(tidied);
    },
  };
};
