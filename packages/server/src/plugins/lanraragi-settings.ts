import type { LanraragiConfig, PluginCacheStore } from "../store/types.ts";

/** Where they are kept. A plugin's namespace has no space. */
const PLACE = "lanraragi settings";

/** The settings of LANraragi that its forms have, but those that are secrets. */
const NAMES = new Set(
  (
    "replacetitles enablepass htmltitle motd dirname thumbdir pagesize tagrules tempmaxsize readerquality sizethreshold theme " +
    "language excludednamespaces enablecors disableopenapi enablemetrics localprogress authprogress devmode enableresize " +
    "tagruleson nofunmode usedateadded usedatemodified enablecryptofs hqthumbpages jxlthumbpages replacedupe"
  ).split(" "),
);

/** Accepted, because LANraragi's form sends them, and stored nowhere. */
const SECRETS = new Set(["apikey", "newpassword", "newpassword2"]);

const OFF = new Set(["", "0", "false", "off"]);

/** Settings of LANraragi that come with the form of the plugins' settings. Of these, `replacetitles` has an effect here. */
export interface LanraragiSettings {
  /** Whether LANraragi has a setting of this name. */
  has(name: string): boolean;
  /** Keeps the values; those of secrets are dropped. */
  keep(values: ReadonlyMap<string, string>): Promise<void>;
  /** The kept value; else that of a LANraragi on the same Redis. */
  get(name: string): Promise<string | undefined>;
  /** Whether a LANraragi uses the same Redis, and its owner switched its password off. What {@link keep} got does not count. */
  hasNoPassword(): Promise<boolean>;
  /** Whether enabled plugins replace the titles of new archives. */
  replacesTitles(): Promise<boolean>;
}

export const createLanraragiSettings = (
  cache: PluginCacheStore,
  now: () => number,
  shared?: LanraragiConfig,
): LanraragiSettings => {
  const get = async (name: string) =>
    (await cache.get(PLACE, name, now())) ?? (NAMES.has(name) ? await shared?.setting(name) : undefined);
  return {
    has: (name) => NAMES.has(name) || SECRETS.has(name),
    get,
    keep: async (values) => {
      for (const [name, value] of values)
        if (NAMES.has(name)) await cache.set(PLACE, name, value, Number.MAX_SAFE_INTEGER);
    },
    hasNoPassword: async () => (await shared?.setting("enablepass")) === "0",
    replacesTitles: async () => !OFF.has((await get("replacetitles"))?.toLowerCase() ?? "1"),
  };
};
