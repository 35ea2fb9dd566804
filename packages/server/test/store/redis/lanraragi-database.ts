import { readCachedIndex } from "../../../src/catalog/index-check.ts";
import type { RedisStoreOptions } from "../../../src/store/redis/open.ts";
import type { RedisServer } from "../../support/redis-process.ts";
import { clientOf, opened } from "./world.ts";

export const sha = (digit: string): string => digit.repeat(64);

export const indexOf = (versions: Record<string, string[]>, generated_at = "2026-01-02T03:04:05Z"): string =>
  JSON.stringify({
    version: 1,
    generated_at,
    plugins: Object.fromEntries(
      Object.entries(versions).map(([namespace, numbers]) => [
        namespace,
        {
          namespace,
          type: "metadata",
          versions: Object.fromEntries(
            numbers.map((version) => [
              version,
              {
                version,
                name: `Näme of ${namespace}`,
                author: "a",
                description: "漫画",
                artifact: `${namespace}.pm`,
                sha256: sha("b"),
                published_at: "2026-01-02T03:04:05Z",
              },
            ]),
          ),
        },
      ]),
    ),
  });

/** What LANraragi leaves in its database of configuration, written by hand as its source has it. */
const lanraragis = async (client: ReturnType<typeof clientOf>): Promise<void> => {
  await client.hset("LRR_CONFIG", { apikey: "sécret", ougi: "REG_1700000000", motd: "Welcome" });
  await client.hset("LRR_SERVER", { restart_pending: "1" });
  await client.hset("REG_1700000000", {
    name: "Köllection",
    provider: "github",
    url: "https://github.com/owner/repo",
    ref: "main",
    path: "",
    created: "1700000000",
    updated: "1700000100",
    theirs: "kept",
  });
  await client.set("REG_INDEX_1700000000", indexOf({ copytags: ["1.0.0", "1.1.0"], other: ["0.1.0"] }));
  await client.hset("REG_1600000000", {
    name: "old",
    provider: "local",
    path: "/srv/r",
    created: "1600000000",
  });
  await client.hset("REG_1500000000", { name: "?", provider: "ftp" });
  await client.hset("LRR_PLUGIN_COPYTAGS", {
    installed_path: "LANraragi/Plugin/Managed/Metadata/CopyTags.pm",
    installed_version: "1.0.0",
    installed_registry: "REG_1700000000",
    installed_sha256: sha("a"),
    type: "metadata",
    enabled: "1",
    hidden: "0",
    priority: "3",
    customargs: '["x"]',
    copy_date: "1",
  });
  await client.hset("LRR_PLUGIN_BUILTIN", { enabled: "1", customargs: "[]" });
};

let databases = 0;

/** A database as LANraragi left it, and Hitagi's store on it. */
export const besideLanraragi = async (server: RedisServer, options: RedisStoreOptions = {}) => {
  const db = databases++;
  const client = clientOf(server, db);
  await lanraragis(client);
  return { client, db, store: await opened(server, db, { readIndex: readCachedIndex, ...options }) };
};
