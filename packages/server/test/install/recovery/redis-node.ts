import { readdir } from "node:fs/promises";
import path from "node:path";
import { toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createApp } from "../../../src/app/app.ts";
import { readConfig } from "../../../src/config/config.ts";
import { sha256Of } from "../../../src/disk/sha256.ts";
import { pluginText } from "../../http/plugin-sources.ts";
import { libraryOn } from "../../support/one-library.ts";

/** A plugin that answers its version. */
export const source = (namespace: string, version: string): string =>
  pluginText(namespace, version, "script", `async run() { return { version: "${version}" }; },`);

export const hashOf = (namespace: string, version: string): string =>
  sha256Of(Buffer.from(source(namespace, version)));

/** What a data folder keeps of versions. */
export const kept = (data: string): Promise<string[]> => readdir(path.join(data, "artifacts"));

/** One server on a Redis with a data folder of its own; of several on one database one after the other runs. */
export const startNode = async (store: string, data: string, settings: Record<string, string> = {}) => {
  const lines: { msg: string; namespace?: string; level: number }[] = [];
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const library = await libraryOn(store);
  const given = { data, store, library, warm: "0", log: "silent", ...settings };
  const app = await createApp(readConfig(given, {}), log);
  onTestFinished(() => app.stop());
  await app.start();
  const { installer, plugins, store: opened, catalog } = app.services;
  const files = async () => {
    const verified = await installer.verify();
    return Object.fromEntries(verified.map((file) => [file.path, file.state]));
  };
  const use = async (namespace = "echo") => (await plugins.use({ namespace: toNamespace(namespace) })).data;
  const addRegistry = async (at: string): Promise<string> => {
    const { id } = await opened.registries.create({ name: "r", provider: "local", path: at }, 1);
    await catalog.refresh(id);
    return id;
  };
  const sideload = (version: string) =>
    installer.sideload("echo.ts", Buffer.from(source("echo", version)), true);
  return { ...app, installer, plugins, store: opened, lines, files, use, addRegistry, sideload };
};

export type RedisNode = Awaited<ReturnType<typeof startNode>>;
