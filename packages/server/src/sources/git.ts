import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type Credential, HitagiError, isHitagiError, type RegistryFields } from "@hitagi/contract";
import type { Deadline } from "../async/deadline.ts";
import type { Network } from "../net/http-agents.ts";
import { type RetryPolicy, withRetries } from "../net/http-retry.ts";
import { withFileDeadline } from "./deadline.ts";
import { type GitAddress, originOf, readGitAddress } from "./git/address.ts";
import { createGitCache, withSizeLimit } from "./git/cache.ts";
import { authoritiesText, gitEnvironment } from "./git/environment.ts";
import { toSourceError } from "./git/errors.ts";
import type { CachedRepository } from "./git/git-dir.ts";
import { getRefs } from "./git/refs.ts";
import {
  fetchBlob,
  fetchCommit,
  type Git,
  type GitRepository,
  isNotSingle,
  readBlob,
  resolveRef,
} from "./git/repository.ts";
import { gitCommand, runGit } from "./git/run.ts";
import type { Http } from "./http.ts";
import { DEFAULT_REF, repositoryProblem, segmentsInRepository } from "./repository-fields.ts";
import type { Fetched, FetchOptions, Source } from "./types.ts";

export interface GitDeps {
  http: Http;
  git: {
    /** The program, by name or path. */
    binary: string;
    /** Folder for caches, known hosts and git's own files in use. */
    folder: string;
    searchPath: string;
    network: Network;
    /** The largest cache of one repository in bytes. */
    maxBytes?: number;
    /** The memory of each process of git in bytes. */
    memoryBytes?: number;
    retry?: RetryPolicy;
  };
}

const MAX_CACHE_BYTES = 512 * 1024 * 1024;
/** More than a patch of the largest index needs. */
const MAX_MEMORY_BYTES = 384 * 1024 * 1024;
const RETRY: RetryPolicy = { attempts: 3, baseMs: 250 };
const MAX_OUTPUT = 64 * 1024;

/** @throws HitagiError REGISTRY_FIELDS_INVALID */
const addressOf = (url: string): GitAddress => {
  const address = readGitAddress(url);
  if (typeof address !== "string") return address;
  throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: "git", reason: address });
};

interface FileRead {
  address: GitAddress;
  credential: Credential | undefined;
  ref: string;
  /** From the root of the repository. */
  path: string;
  file: string;
  options: FetchOptions;
}

/** The target of a permanent redirect of a repository, or undefined. */
const movedTo = async (http: Http, { address, options }: FileRead): Promise<string | undefined> => {
  const { moved } = await getRefs(http, address, options);
  return moved?.endsWith("/info/refs") ? moved.slice(0, -"/info/refs".length) : undefined;
};

/** Reads the file; `makeWhole` empties a repository whose host does not serve single files. */
const readFile = async (
  repository: GitRepository,
  reading: FileRead,
  makeWhole: () => Promise<void>,
): Promise<Fetched> => {
  const { address, ref, path: place, file, options } = reading;
  const { git } = repository;
  const commit = await resolveRef(git, address.url, ref);
  const blob = await fetchBlob(repository, commit, place);
  if (blob === undefined) throw new HitagiError("SOURCE_FILE_MISSING", { path: file });
  const etag = `"${blob}"`;
  if (options.validators?.etag === etag) return { changed: false };
  const read = () => readBlob(git, blob, file, options.maxBytes);
  const bytes = await read().catch(async (error: unknown) => {
    if (!isNotSingle(error)) throw error;
    await makeWhole();
    await fetchCommit(repository, commit);
    return read();
  });
  return { changed: true, bytes, validators: { etag } };
};

/**
 * Any git host over https or ssh, through the program git: it works with every host and is updated with the system.
 * git/environment.ts restricts what it may do.
 */
export const createGitSource = ({ http, git: deps }: GitDeps): Source => {
  const { binary, network, searchPath, retry = RETRY } = deps;
  const { maxBytes: limit = MAX_CACHE_BYTES, memoryBytes = MAX_MEMORY_BYTES } = deps;
  const command = gitCommand(binary, { memoryBytes, fileBytes: 2 * limit });
  const authorities = authoritiesText(network);
  const cache = createGitCache(deps.folder);

  /** Writes what git needs beside its own folder, into it. */
  const writeFiles = async (gitDir: string, { credential }: FileRead) => {
    const write = async (name: string, text: string): Promise<string> => {
      await writeFile(path.join(gitDir, name), text, { flag: "wx", mode: 0o600 });
      return name;
    };
    const key = credential?.kind === "ssh-key" ? credential.secret.replace(/\n?$/, "\n") : undefined;
    return {
      key: key && (await write("key", key)),
      authorities: authorities && path.join(gitDir, await write("authorities.pem", authorities)),
    };
  };

  const inFolder = async (
    reading: FileRead,
    gitDir: string,
    cached: CachedRepository,
    signal: AbortSignal,
  ): Promise<Fetched> => {
    const files = {
      ...{ gitDir, objects: cached.objects, knownHosts: path.relative(gitDir, cache.knownHosts) },
      ...(await writeFiles(gitDir, reading)),
    };
    const env = gitEnvironment(reading.address, reading.credential, network, files, searchPath);
    return withSizeLimit(cache, cached, limit, signal, (limitedSignal) => {
      const git: Git = (args, { input, maxBytes = MAX_OUTPUT } = {}) =>
        runGit(command, { args, cwd: gitDir, env, maxBytes, signal: limitedSignal, ...(input && { input }) });
      return readFile({ git, gitDir, cached }, reading, () => cache.makeWhole(gitDir, cached));
    });
  };

  const readOnce = async (reading: FileRead, { signal }: Deadline): Promise<Fetched> => {
    try {
      return await cache.within(reading.address.url, (gitDir, cached) =>
        inFolder(reading, gitDir, cached, signal),
      );
    } catch (error) {
      throw toSourceError(error, reading);
    }
  };

  const read = (reading: FileRead, deadline: Deadline): Promise<Fetched> =>
    withRetries(retry, deadline, () => readOnce(reading, deadline));

  /** Reads at the new address of a moved repository. The credential is sent to its own host only. */
  const readMoved = async (reading: FileRead, deadline: Deadline, refusal: HitagiError): Promise<Fetched> => {
    const url = await movedTo(http, reading).catch((cause: unknown) => {
      refusal.cause = cause;
      throw refusal;
    });
    if (url === undefined) throw refusal;
    const address = addressOf(url);
    const same = originOf(address) === originOf(reading.address);
    const credential = same ? reading.credential : undefined;
    return { ...(await read({ ...reading, address, credential }, deadline)), moved: url };
  };

  const fetch = (fields: RegistryFields, file: string, options: FetchOptions): Promise<Fetched> => {
    const place = segmentsInRepository(fields, file).join("/");
    const { url = "", ref = DEFAULT_REF } = fields;
    const { credential } = options;
    const reading = { address: addressOf(url), credential, ref, path: place, file, options };
    return withFileDeadline(file, options, (deadline) =>
      read(reading, deadline).catch((error: unknown) => {
        const redirected = isHitagiError(error, "SOURCE_REDIRECT") && reading.address.transport === "https";
        if (redirected) return readMoved(reading, deadline, error);
        throw error;
      }),
    );
  };

  return {
    provider: "git",
    fields: ["url"],
    optional: ["ref", "folder"],
    credential: ({ url = "" }) => {
      const address = readGitAddress(url);
      if (typeof address === "string") return undefined;
      return { kind: address.transport === "ssh" ? "ssh-key" : "token", origin: originOf(address) };
    },
    check: (fields) => {
      const address = readGitAddress(fields.url ?? "");
      return typeof address === "string" ? address : repositoryProblem(fields);
    },
    fetch: async (fields, file, options) => fetch(fields, file, options),
  };
};
