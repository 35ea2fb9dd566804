import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type Credential, HitagiError, isHitagiError, type RegistryFields } from "@hitagi/contract";
import type { Deadline } from "../async/deadline.ts";
import { createFairTurns } from "../async/fair-turns.ts";
import type { Network } from "../net/http-agents.ts";
import { type RetryPolicy, withRetries } from "../net/http-retry.ts";
import { withFileDeadline } from "./deadline.ts";
import { type GitAddress, originOf, readGitAddress } from "./git/address.ts";
import { createGitCache, withSizeLimit } from "./git/cache.ts";
import { authoritiesText, gitEnvironment } from "./git/environment.ts";
import { toSourceError } from "./git/errors.ts";
import type { CachedRepository } from "./git/git-dir.ts";
import { readFile, readTree, type Work } from "./git/read.ts";
import { getRefs } from "./git/refs.ts";
import { ensureCommit, type Git, resolveRef } from "./git/repository.ts";
import { gitCommand, runGit } from "./git/run.ts";
import type { Http } from "./http.ts";
import { safeSegments } from "./relative-path.ts";
import { DEFAULT_REF, repositoryProblem, segmentsInRepository } from "./repository-fields.ts";
import type { FetchOptions, Source } from "./types.ts";

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
/** Repositories that are read at once, shared fairly by their hosts; each has up to four processes. */
const MAX_READS = 4;
const RETRY: RetryPolicy = { attempts: 3, baseMs: 250 };
const MAX_OUTPUT = 64 * 1024;

/** @throws HitagiError REGISTRY_FIELDS_INVALID */
const addressOf = (url: string): GitAddress => {
  const address = readGitAddress(url);
  if (typeof address !== "string") return address;
  throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: "git", reason: address });
};

/** One read of a repository. */
interface Reading {
  address: GitAddress;
  credential: Credential | undefined;
  ref: string;
  /** What errors call that which is read. */
  file: string;
  options: Pick<FetchOptions, "timeoutMs" | "signal">;
}

/** The target of a permanent redirect of a repository, or undefined. */
const movedTo = async (
  http: Http,
  { address, options, credential }: Reading,
): Promise<string | undefined> => {
  const { moved } = await getRefs(http, address, { ...options, ...(credential && { credential }) });
  return moved?.endsWith("/info/refs") ? moved.slice(0, -"/info/refs".length) : undefined;
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
  const writeFiles = async (gitDir: string, { credential }: Reading) => {
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

  const inFolder = async <T>(
    reading: Reading,
    work: Work<T>,
    gitDir: string,
    cached: CachedRepository,
    signal: AbortSignal,
  ): Promise<T> => {
    const files = {
      ...{ gitDir, objects: cached.objects, knownHosts: path.relative(gitDir, cache.knownHosts) },
      ...(await writeFiles(gitDir, reading)),
    };
    const { address, credential, ref } = reading;
    const env = gitEnvironment(address, credential, network, files, searchPath);
    return withSizeLimit(cache, cached, limit, signal, async (limitedSignal) => {
      const git: Git = (args, { input, maxBytes = MAX_OUTPUT } = {}) =>
        runGit(command, { args, cwd: gitDir, env, maxBytes, signal: limitedSignal, ...(input && { input }) });
      const repository = { git, gitDir, cached };
      const commit = await resolveRef(git, address.url, ref);
      return work(repository, commit, async () => {
        await cache.makeWhole(gitDir, cached);
        await ensureCommit(repository, commit);
      });
    });
  };

  const readOnce = async <T>(reading: Reading, work: Work<T>, { signal }: Deadline): Promise<T> => {
    try {
      return await cache.within(reading.address.url, (gitDir, cached) =>
        inFolder(reading, work, gitDir, cached, signal),
      );
    } catch (error) {
      throw toSourceError(error, reading);
    }
  };

  const inTurn = createFairTurns(MAX_READS);

  const read = <T>(reading: Reading, work: Work<T>, deadline: Deadline): Promise<T> =>
    withRetries(retry, deadline, () => readOnce(reading, work, deadline));

  /** Reads at the new address of a moved repository. The credential is sent to its own host only. */
  const readMoved = async <T>(
    reading: Reading,
    work: Work<T>,
    deadline: Deadline,
    refusal: HitagiError,
  ): Promise<T & { moved: string }> => {
    const url = await movedTo(http, reading).catch((cause: unknown) => {
      refusal.cause = cause;
      throw refusal;
    });
    if (url === undefined) throw refusal;
    const address = addressOf(url);
    const same = originOf(address) === originOf(reading.address);
    const credential = same ? reading.credential : undefined;
    return { ...(await read({ ...reading, address, credential }, work, deadline)), moved: url };
  };

  /** @param file what errors call that which is read */
  const readAt = <T>(
    { url = "", ref = DEFAULT_REF }: RegistryFields,
    file: string,
    options: Omit<FetchOptions, "maxBytes">,
    work: Work<T>,
  ): Promise<T | (T & { moved: string })> => {
    const reading = { address: addressOf(url), credential: options.credential, ref, file, options };
    // The deadline begins with the turn: a slow host takes no time from the others.
    return inTurn(originOf(reading.address), () =>
      withFileDeadline(file, options, (deadline) =>
        read(reading, work, deadline).catch((error: unknown) => {
          const redirected = isHitagiError(error, "SOURCE_REDIRECT") && reading.address.transport === "https";
          if (redirected) return readMoved(reading, work, deadline, error);
          throw error;
        }),
      ),
    );
  };

  return {
    provider: "git",
    fields: ["url"],
    optional: ["ref", "folder"],
    credential: ({ url = "" }) => {
      const address = readGitAddress(url);
      if (typeof address === "string") return undefined;
      const isSsh = address.transport === "ssh";
      return { kind: isSsh ? "ssh-key" : "token", password: !isSsh, origin: originOf(address) };
    },
    check: (fields) => {
      const address = readGitAddress(fields.url ?? "");
      return typeof address === "string" ? address : repositoryProblem(fields);
    },
    fetch: async (fields, file, options) =>
      readAt(fields, file, options, readFile(segmentsInRepository(fields, file).join("/"), file, options)),
    readTree: async (fields, options) => {
      const { folder } = fields;
      const place = folder === undefined ? "" : safeSegments(folder).join("/");
      return readAt(fields, folder ?? "The repository", options, readTree(place, options));
    },
  };
};
