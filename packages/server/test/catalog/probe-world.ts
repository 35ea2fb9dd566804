import { onTestFinished } from "vitest";
import { createProbe } from "../../src/catalog/probe.ts";
import { createHttp } from "../../src/sources/http.ts";
import { createSources } from "../../src/sources/sources.ts";
import type { Authority } from "../support/authority.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A probe that trusts an authority. @param github the address of the only known forge */
export const openProbe = async ({ ca }: Authority, github?: string) => {
  const http = createHttp({ attempts: 1, baseMs: 5 }, { ca });
  onTestFinished(() => http.close());
  const deps = sourceDeps(http, await tempFolder(), { ca });
  const forges = github ? { ...deps.forges, githubUrl: github, githubRawUrl: `${github}/raw` } : deps.forges;
  return createProbe({ sources: createSources({ ...deps, forges }), forges, timeoutMs: 150_000 });
};
