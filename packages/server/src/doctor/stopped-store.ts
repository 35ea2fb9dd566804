import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { isHitagiError, quoteText } from "@hitagi/contract";
import { searchPath } from "../config/config.ts";
import { readNetwork, storeConnection } from "../config/network.ts";
import { createHttp } from "../sources/http.ts";
import { createSources } from "../sources/sources.ts";
import { openStore, openStoreCopy, storeFile } from "../store/store.ts";
import type { Store } from "../store/types.ts";
import { badRecordFindings, type Finding, note, ok, type Target, wrong } from "./finding.ts";

const failure = (check: string, e: unknown): Finding =>
  isHitagiError(e)
    ? wrong(check, e.message, e.hint)
    : wrong(check, e instanceof Error ? e.message : String(e), "Check the disk that it is on.");

const RESTORE_HINT = "Restore a backup with `hitagi restore`. It sets the damaged data aside.";

/** The finding for a store that cannot be read. A file was copied before it was opened, so that its content is at fault. */
const unreadable = (isFile: boolean, e: unknown): Finding => {
  if (!isFile || !isHitagiError(e, "STORE_FAILED")) return failure("store", e);
  return wrong("store", `It is damaged: ${e.params.reason}`, RESTORE_HINT);
};

/** Fetches the index of each registry like a refresh, and discards it. */
const fetchIndexes = async ({ config }: Target, store: Store, folder: string): Promise<Finding[]> => {
  const network = readNetwork(config);
  const http = createHttp(undefined, network);
  const git = { binary: config.git, folder: path.join(folder, "git"), searchPath: searchPath(), network };
  const sources = createSources({ http, forges: config, git });
  const limits = { maxBytes: 256 * 1024 * 1024, timeoutMs: config.fetchTimeout * 1000 };
  try {
    return await Promise.all(
      (await store.registries.list()).map(async (registry) => {
        const check = `registry ${registry.name}`;
        const credential = await store.registries.credential(registry.id);
        const source = sources.get(registry.provider);
        return source.fetch(registry, "registry.json", { ...limits, credential }).then(
          () => ok(check, "Its index can be fetched"),
          (e: unknown) => failure(check, e),
        );
      }),
    );
  } finally {
    await http.close();
  }
};

/** Files of installed plugins that were deleted. The next start puts back those whose bytes are kept. */
const deletedFiles = async ({ plugins, data }: Target["config"], store: Store): Promise<Finding[]> =>
  (await store.plugins.list()).flatMap(({ namespace, provenance }) => {
    if (provenance === undefined || existsSync(path.join(plugins, provenance.path))) return [];
    const isKept = existsSync(path.join(data, "artifacts", provenance.sha256));
    const text = `Its file is gone (${quoteText(provenance.path)})`;
    const hint = isKept
      ? "The next start puts it back. If the disk of the plugins folder is not mounted, mount it first."
      : `Start the server, then put it back with \`hitagi reinstall ${namespace}\`.`;
    return [note(`plugin ${namespace}`, text, hint)];
  });

/** Opens a copy of the store's file in a folder. */
const openCopy = async (file: string, folder: string): Promise<Store> => {
  const copy = path.join(folder, "hitagi.db");
  for (const side of ["", "-wal"])
    if (existsSync(`${file}${side}`)) await copyFile(`${file}${side}`, `${copy}${side}`);
  return openStoreCopy(copy);
};

/**
 * Checks the store and its registries. A store that is a file is copied first, because opening it would migrate it.
 * The caller holds the data folder.
 * @param folder an empty one, for the copy
 */
export const checkStoppedStore = async (target: Target, folder: string): Promise<Finding[]> => {
  const { config } = target;
  const file = storeFile(config.store);
  if (file !== undefined && !existsSync(file)) return [];
  const advice: Finding[] = [];
  const onAdvice = (text: string) =>
    advice.push(note("store", text, "docs/redis.md lists the required configuration."));
  try {
    const store = await (file === undefined
      ? openStore(config.store, { ...storeConnection(config), onAdvice })
      : openCopy(file, folder));
    try {
      const [fault] = await store.faults();
      const state =
        fault === undefined
          ? ok("store", "It opens and is complete")
          : wrong("store", `It is damaged: ${fault}`, RESTORE_HINT);
      const bad = fault === undefined ? badRecordFindings(await store.badRecords()) : [];
      const deleted = fault === undefined ? await deletedFiles(config, store) : [];
      return [state, ...bad, ...deleted, ...advice, ...(await fetchIndexes(target, store, folder))];
    } finally {
      await store.close();
    }
  } catch (e) {
    return [unreadable(file !== undefined, e)];
  }
};
