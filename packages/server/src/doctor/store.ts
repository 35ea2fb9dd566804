import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { isHitagiError } from "@hitagi/contract";
import { searchPath } from "../config/config.ts";
import { forgeBases, readAuthorities, readNetwork } from "../config/network.ts";
import { createHttp } from "../sources/http.ts";
import { createSources } from "../sources/sources.ts";
import { openStore, openStoreCopy, storeFile } from "../store/store.ts";
import type { Store } from "../store/types.ts";
import { type Finding, note, ok, type Patient, wrong } from "./types.ts";

const failure = (check: string, e: unknown): Finding =>
  isHitagiError(e)
    ? wrong(check, e.message, e.hint)
    : wrong(check, e instanceof Error ? e.message : String(e), "Look at the disk that it is on.");

/** Asks each registry for its index as a refresh would, without keeping anything. */
const askRegistries = async ({ config }: Patient, store: Store, folder: string): Promise<Finding[]> => {
  const network = readNetwork(config);
  const http = createHttp(undefined, network);
  const git = { binary: config.git, folder: path.join(folder, "git"), searchPath: searchPath(), network };
  const sources = createSources({ http, forges: forgeBases(config), git });
  const options = { maxBytes: 256 * 1024 * 1024, timeoutMs: config.fetchTimeout * 1000 };
  try {
    return await Promise.all(
      (await store.registries.list()).map(async (registry) => {
        const check = `registry ${registry.name}`;
        const credential = await store.registries.credential(registry.id);
        return sources
          .get(registry.provider)
          .fetch(registry, "registry.json", { ...options, ...(credential && { credential }) })
          .then(
            () => ok(check, "Its index can be fetched"),
            (e: unknown) => failure(check, e),
          );
      }),
    );
  } finally {
    await http.close();
  }
};

/** Opens a copy of the store's file in a folder. */
const openedCopy = async (file: string, folder: string): Promise<Store> => {
  const copy = path.join(folder, "hitagi.db");
  for (const side of ["", "-wal"])
    if (existsSync(`${file}${side}`)) await copyFile(`${file}${side}`, `${copy}${side}`);
  return openStoreCopy(copy);
};

/**
 * Looks at a copy of the store where it is a file, so that nothing about it is changed: a newer Hitagi would bring it up to
 * date by opening it. A store that is none is looked at where it is. The caller holds the data folder.
 * @param folder an empty one, for the copy
 */
export const checkStoppedStore = async (patient: Patient, folder: string): Promise<Finding[]> => {
  const file = storeFile(patient.config.store);
  if (file !== undefined && !existsSync(file)) return [];
  try {
    const { config } = patient;
    const advice: Finding[] = [];
    const onAdvice = (text: string) =>
      advice.push(note("store", text, "docs/redis.md lists the required configuration."));
    const store = await (file === undefined
      ? openStore(config.store, { ca: readAuthorities(config), onAdvice })
      : openedCopy(file, folder));
    try {
      const [fault] = await store.faults();
      const hint = "Restore a backup with `hitagi restore`, which sets this aside.";
      const state =
        fault === undefined
          ? ok("store", "It opens, and is whole")
          : wrong("store", `It is damaged: ${fault}`, hint);
      return [state, ...advice, ...(await askRegistries(patient, store, folder))];
    } finally {
      await store.close();
    }
  } catch (e) {
    return [failure("store", e)];
  }
};
