import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pino } from "pino";
import { createApp } from "../src/app/app.ts";
import { readConfig } from "../src/config/config.ts";
import type { Services } from "../src/services.ts";

/** The server's services in this process, without HTTP, on a data folder that is removed afterwards. */
export const withServices = async <T>(
  run: (services: Services, folder: string) => Promise<T>,
  env: NodeJS.ProcessEnv = {},
): Promise<T> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-bench-"));
  const app = await createApp(readConfig({ data: folder }, env), pino({ level: "silent" }));
  await app.start();
  try {
    return await run(app.services, folder);
  } finally {
    await app.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
