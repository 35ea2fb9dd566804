import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createApp } from "../../src/app/app.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Services } from "../../src/services.ts";
import { libraryOn } from "../support/one-library.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** A server on a store, with a data folder of its own, that does not listen; stopped when the test ends. */
export const openNode = async (store: string): Promise<Services> => {
  const library = await libraryOn(store);
  const settings = { data: await tempFolder(), store, library, warm: "0", log: "silent" };
  const app = await createApp(readConfig(settings, {}), pino({ level: "silent" }));
  onTestFinished(() => app.stop());
  await app.start();
  return app.services;
};
