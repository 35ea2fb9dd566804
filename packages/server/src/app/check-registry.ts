import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HitagiError, MAX_ARTIFACT_FILE_BYTES, type RegistryIndex } from "@hitagi/contract";
import { pino } from "pino";
import { readConfig } from "../config/config.ts";
import { checkFiles } from "../install/check-files.ts";
import { createLocalSource } from "../sources/local.ts";
import { createRuntimes } from "./compose-plugins.ts";
import { createVetFile } from "./vet-file.ts";

const TIMEOUT_MS = 30_000;

/**
 * Checks the files of a registry folder as an install would: see checkFiles. Perl files are loaded too, if perl is there.
 * @param index valid
 */
export const checkRegistryFiles = async (
  folder: string,
  index: Pick<RegistryIndex, "plugins">,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal = new AbortController().signal,
): ReturnType<typeof checkFiles> => {
  const data = await mkdtemp(path.join(tmpdir(), "hitagi-check-"));
  const config = { ...readConfig({ data }, env), perl: true, warm: 0 };
  const runtimes = createRuntimes(config, pino({ level: "silent" }), () => []);
  const source = createLocalSource();
  const read = async (artifact: string): Promise<Buffer> => {
    const fields = { name: "checked", provider: "local" as const, path: folder };
    const limits = { maxBytes: MAX_ARTIFACT_FILE_BYTES, timeoutMs: TIMEOUT_MS, signal };
    const fetched = await source.fetch(fields, artifact, limits);
    if (!fetched.changed) throw new HitagiError("SOURCE_STATUS", { status: 304, path: artifact });
    return fetched.bytes;
  };
  try {
    return await checkFiles(index, { runtimes, read, vet: createVetFile(runtimes), signal });
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.stop()));
    await rm(data, { recursive: true, force: true });
  }
};
