import type { Provider } from "@hitagi/contract";
import { createCdnSource } from "./cdn.ts";
import { type ForgeProvider, forgeRows } from "./forge-table.ts";
import { createForgeSource, type ForgeDeps } from "./forges.ts";
import { createGitSource, type GitDeps } from "./git.ts";
import { createLocalSource } from "./local.ts";
import type { Source } from "./types.ts";

export interface SourceDeps extends GitDeps, ForgeDeps {}

export interface Sources {
  get(provider: Provider): Source;
}

/** All drivers by provider. */
export const createDrivers = (deps: SourceDeps): Record<Provider, Source> => ({
  ...(Object.fromEntries(
    forgeRows.map(([provider]) => [provider, createForgeSource(provider, deps)]),
  ) as Record<ForgeProvider, Source>),
  git: createGitSource(deps),
  cdn: createCdnSource(deps),
  local: createLocalSource(),
});

export const createSources = (deps: SourceDeps): Sources => {
  const drivers = createDrivers(deps);
  return { get: (provider) => drivers[provider] };
};
