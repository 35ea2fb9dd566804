import { pino } from "pino";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { createApp } from "../src/app/app.ts";
import { readConfig } from "../src/config/config.ts";
import type { Services } from "../src/services.ts";

/** The server's services in this process, without HTTP, on a data folder that is removed afterwards. */
export const withServices = async <T>(
  run: (services: Services, folder: string) => Promise<T>,
  env: NodeJS.ProcessEnv = {},
): Promise<T> => {
  const folder = ownFolder("hitagi-bench-");
  const app = await createApp(readConfig({ data: folder }, env), pino({ level: "silent" }));
  await app.start();
  try {
    return await run(app.services, folder);
  } finally {
    await app.stop();
  }
};
