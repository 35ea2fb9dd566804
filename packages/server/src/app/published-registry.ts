import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type FoundRegistry, isHitagiError, type RegistryFields } from "@hitagi/contract";
import { createProbe } from "../catalog/probe.ts";
import type { ProbeRequest } from "../catalog/types.ts";
import { readConfig } from "../config/config.ts";
import { exists } from "../disk/files.ts";
import { KeeperError } from "../keeper/keeper-error.ts";
import { type ReadRegistryFile, type RegistryContent, readRegistry } from "../keeper/registry-files.ts";
import type { Sources } from "../sources/sources.ts";
import { composeSources } from "./compose-sources.ts";

/** The sources of a server that has no registries, for work on one address. */
const withSources = async <T>(
  env: NodeJS.ProcessEnv,
  work: (sources: Sources, probe: ReturnType<typeof createProbe>, timeoutMs: number) => Promise<T>,
): Promise<T> => {
  const data = await mkdtemp(path.join(tmpdir(), "hitagi-published-"));
  const config = readConfig({ data }, env);
  const { http, sources, timeoutMs } = composeSources(config);
  try {
    return await work(sources, createProbe({ sources, forges: config, timeoutMs }), timeoutMs);
  } finally {
    await http.close();
    await rm(data, { recursive: true, force: true });
  }
};

/** Failures that say clearly that a file, or all of the registry, is not there. */
const NOT_THERE: readonly string[] = [
  "SOURCE_FILE_MISSING",
  "SOURCE_REF_MISSING",
  "SOURCE_REPOSITORY_MISSING",
];

const isNotThere = (code: string | undefined): boolean => code !== undefined && NOT_THERE.includes(code);

const readerOf =
  (sources: Sources, fields: RegistryFields, timeoutMs: number, signal: AbortSignal): ReadRegistryFile =>
  async (file, maxBytes) => {
    try {
      const options = { maxBytes, timeoutMs, signal };
      const fetched = await sources.get(fields.provider).fetch(fields, file, options);
      return fetched.changed ? fetched.bytes : undefined;
    } catch (error) {
      if (isHitagiError(error) && isNotThere(error.code)) return undefined;
      throw error;
    }
  };

const fieldsOf = ({
  name,
  provider,
  url,
  ref,
  path: folder,
  folder: below,
}: FoundRegistry): RegistryFields => ({
  ...{ name, provider },
  ...(url !== undefined && { url }),
  ...(ref !== undefined && { ref }),
  ...(folder !== undefined && { path: folder }),
  ...(below !== undefined && { folder: below }),
});

/** Where a registry is published: its address, or a branch and folder of a repository at one. */
export type PublishedPlace = string | (Pick<ProbeRequest, "ref" | "folder"> & { address: string });

/**
 * Reads the files of a registry at its address, as an owner's server does.
 * @returns what the work returns, which gets nothing if the registry is clearly not there
 * @throws HitagiError of the source, KeeperError
 */
export const withPublishedRegistry = <T>(
  place: PublishedPlace,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  work: (read: ReadRegistryFile) => Promise<T>,
): Promise<T> =>
  withSources(env, async (sources, probe, timeoutMs) => {
    // A folder that the first publication makes.
    const request = typeof place === "string" ? { address: place } : place;
    const { address } = request;
    if (path.isAbsolute(address) && !(await exists(address))) return work(async () => undefined);
    const found = await probe(request, undefined, signal);
    if (isNotThere(found.failure?.code)) return work(async () => undefined);
    if (found.failure) {
      const { error, hint, code } = found.failure;
      throw new KeeperError(error, hint, code);
    }
    return work(readerOf(sources, fieldsOf(found), timeoutMs, signal));
  });

/**
 * Reads a registry at its address.
 * @returns undefined if it is clearly not there
 * @throws HitagiError of the source, KeeperError
 */
export const readPublishedRegistry = (
  place: PublishedPlace,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<RegistryContent | undefined> => withPublishedRegistry(place, env, signal, readRegistry);
