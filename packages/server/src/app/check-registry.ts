import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { pino } from "pino";
import type { VetFile } from "../catalog/generate-index.ts";
import { readConfig } from "../config/config.ts";
import { checkFiles } from "../install/check-files.ts";
import type { OfferedFile } from "../install/offered-files.ts";
import type { Runtime } from "../runtimes/types.ts";
import { assertFetched } from "../sources/assert-fetched.ts";
import { createLocalSource } from "../sources/local.ts";
import { createRuntimes } from "./compose-plugins.ts";
import { createVetFile } from "./vet-file.ts";

const TIMEOUT_MS = 30_000;

/** The runtimes of a server that has no plugins, for work on files. Perl files are loaded too, if perl is there. */
const withRuntimes = async <T>(
  env: NodeJS.ProcessEnv,
  work: (runtimes: readonly Runtime[], vet: VetFile) => Promise<T>,
): Promise<T> => {
  const data = await mkdtemp(path.join(tmpdir(), "hitagi-check-"));
  const config = { ...readConfig({ data }, env), perl: true, warm: 0 };
  const runtimes = createRuntimes(config, pino({ level: "silent" }), () => []);
  try {
    return await work(runtimes, createVetFile(runtimes));
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await rm(data, { recursive: true, force: true });
  }
};

/** Works with a check that loads plugin files, each in its sandbox, as an install does. */
export const withVetting = <T>(env: NodeJS.ProcessEnv, work: (vet: VetFile) => Promise<T>): Promise<T> =>
  withRuntimes(env, (_, vet) => work(vet));

/** Checks the files of a registry folder as an install would: see checkFiles. */
export const checkRegistryFiles = (
  folder: string,
  files: readonly OfferedFile[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal = new AbortController().signal,
): ReturnType<typeof checkFiles> =>
  withRuntimes(env, (runtimes, vet) => {
    const source = createLocalSource();
    const read = async (artifact: string): Promise<Buffer> => {
      const fields = { name: "checked", provider: "local" as const, path: folder };
      const limits = { maxBytes: MAX_ARTIFACT_FILE_BYTES, timeoutMs: TIMEOUT_MS, signal };
      const fetched = await source.fetch(fields, artifact, limits);
      assertFetched(fetched, artifact);
      return fetched.bytes;
    };
    return checkFiles(files, { runtimes, read, vet, signal });
  });
