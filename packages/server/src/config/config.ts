import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { checkArtifacts, checkedLibrary, checkFolder, checkStore } from "./places.ts";
import { bounded, list, oneOf, onOff, type Parse, text, webAddress } from "./values.ts";

const setting = <T>(
  env: string,
  fallback: string,
  parse: Parse<T>,
  about: string,
  also: readonly string[] = [],
) => ({ env, fallback, parse, about, also });

/**
 * Every setting of the server, once: its environment variable, its default as a person would write it, what it
 * takes, and what it is for. The flag of `hitagi serve` is the variable's name without `HITAGI_`, in small
 * letters. An empty default is derived from others. `also` names variables that count where its own is not set.
 */
export const settingsTable = {
  host: setting(
    "HITAGI_HOST",
    "127.0.0.1",
    text,
    "Address to listen on. Anything but loopback is open to the network.",
  ),
  port: setting("HITAGI_PORT", "3000", bounded(0, 65_535), "Port to listen on; 0 takes a free one."),
  data: setting("HITAGI_DATA", "./data", text, "Folder for everything that is remembered."),
  apiKey: setting(
    "HITAGI_API_KEY",
    "",
    text,
    "The API key. Made at first start and kept in the data folder where not set.",
  ),
  store: setting(
    "HITAGI_STORE",
    "",
    text,
    "Where everything is remembered: `sqlite:<path>`, by default hitagi.db in the data folder; or `redis://[user:password@]host[:port]/<database>`, `rediss://`, `redis+unix://` or `redis+sentinel://` (docs/scale.md).",
  ),
  artifacts: setting(
    "HITAGI_ARTIFACTS",
    "",
    text,
    "Where servers on one Redis share the bytes of plugins: in that Redis where empty; else an absolute folder that all of them see, or `s3://bucket[/prefix]` (docs/scale.md).",
  ),
  s3Endpoint: setting(
    "HITAGI_S3_ENDPOINT",
    "",
    webAddress,
    "Address of the server that has the bucket; by default Amazon's of the region.",
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
  ),
  s3Region: setting("HITAGI_S3_REGION", "us-east-1", text, "Region of the bucket.", [
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
  ]),
  s3PathStyle: setting(
    "HITAGI_S3_PATH_STYLE",
    "",
    oneOf("", "0", "1"),
    "Whether the bucket is part of the path (1) or of the host's name (0); by default of the path where HITAGI_S3_ENDPOINT is set.",
  ),
  s3KeyId: setting("HITAGI_S3_KEY_ID", "", text, "The bucket's access key id.", ["AWS_ACCESS_KEY_ID"]),
  s3Secret: setting(
    "HITAGI_S3_SECRET",
    "",
    text,
    "The secret of that key. Give it by the environment: flags can be read in the list of processes.",
    ["AWS_SECRET_ACCESS_KEY"],
  ),
  s3Token: setting("HITAGI_S3_TOKEN", "", text, "The session token of temporary credentials.", [
    "AWS_SESSION_TOKEN",
  ]),
  plugins: setting(
    "HITAGI_PLUGINS",
    "",
    text,
    "Folder of installed plugins; by default plugins in the data folder.",
  ),
  library: setting(
    "HITAGI_LIBRARY",
    "",
    text,
    "Folder of archives, by default library in the data folder; or a LANraragi server: `lanraragi+http://host:port` or `lanraragi+https://…`.",
  ),
  libraryKey: setting("HITAGI_LIBRARY_KEY", "", text, "The API key of that LANraragi server."),
  libraryPoll: setting(
    "HITAGI_LIBRARY_POLL",
    "60",
    bounded(0, 86_400),
    "Seconds between two looks for new archives on that server; 0 looks only at the start.",
  ),
  libraryCache: setting(
    "HITAGI_LIBRARY_CACHE",
    "2048",
    bounded(1, 10_485_760),
    "Megabytes of that server's files that are kept in the data folder; those used longest ago go first.",
  ),
  scanMinutes: setting(
    "HITAGI_SCAN_MINUTES",
    "30",
    bounded(0, 10_080),
    "Minutes between two readings of the library's folder, which is also watched; 0 reads it only at the start.",
  ),
  settle: setting(
    "HITAGI_SETTLE",
    "5",
    bounded(0, 3600),
    "Seconds for which a file in the library's folder must have been left alone before it is taken in.",
  ),
  log: setting(
    "HITAGI_LOG",
    "info",
    oneOf("trace", "debug", "info", "warn", "error", "silent"),
    "How much is logged.",
  ),
  callTimeout: setting(
    "HITAGI_CALL_TIMEOUT",
    "60",
    bounded(1, 3600),
    "Seconds that one call of a plugin may take.",
  ),
  pluginMemory: setting(
    "HITAGI_PLUGIN_MEMORY",
    "256",
    bounded(64, 8192),
    "Megabytes that one plugin's process may hold.",
  ),
  warm: setting("HITAGI_WARM", "1", bounded(0, 16), "Sandboxes kept started before they are needed."),
  perl: setting(
    "HITAGI_PERL",
    "0",
    onOff,
    "Runs Perl plugins (1): off by default, as no sandbox keeps them from the network.",
  ),
  fetchTimeout: setting(
    "HITAGI_FETCH_TIMEOUT",
    "30",
    bounded(1, 3600),
    "Seconds that one fetch from a registry may take in all.",
  ),
  githubUrl: setting(
    "HITAGI_GITHUB_URL",
    "https://github.com",
    webAddress,
    "Where github registries are: another address for GitHub Enterprise.",
  ),
  githubRawUrl: setting(
    "HITAGI_GITHUB_RAW_URL",
    "",
    webAddress,
    "Where GitHub hands out raw files; by default https://raw.githubusercontent.com, or /raw of another HITAGI_GITHUB_URL.",
  ),
  gitlabUrl: setting(
    "HITAGI_GITLAB_URL",
    "https://gitlab.com",
    list(webAddress),
    "GitLab servers, separated by commas: recognised without asking, and found below a path. Others work too.",
  ),
  giteaUrl: setting(
    "HITAGI_GITEA_URL",
    "https://codeberg.org,https://gitea.com",
    list(webAddress),
    "Gitea and Forgejo servers, likewise.",
  ),
  git: setting("HITAGI_GIT", "git", text, "The program git, for git registries."),
  caFile: setting(
    "HITAGI_CA_FILE",
    "",
    text,
    "File with certificates (PEM) of authorities that registries' hosts, and a Redis over TLS, may have beside the usual ones.",
  ),
  proxy: setting(
    "HITAGI_PROXY",
    "",
    webAddress,
    "Proxy through which registries are reached, or else HTTPS_PROXY.",
    ["HTTPS_PROXY", "https_proxy"],
  ),
  proxyExcept: setting(
    "HITAGI_PROXY_EXCEPT",
    "",
    text,
    "Hosts that are reached without it, separated by commas, or else NO_PROXY; loopback always is.",
    ["NO_PROXY", "no_proxy"],
  ),
  refreshHours: setting(
    "HITAGI_REFRESH_HOURS",
    "24",
    bounded(0, 8760),
    "Hours after which each registry is refreshed by itself, a tenth more or less; 0 for never.",
  ),
  maxUpload: setting(
    "HITAGI_MAX_UPLOAD",
    "2048",
    bounded(1, 65_536),
    "Megabytes that an uploaded archive may have.",
  ),
  grant: setting(
    "HITAGI_GRANT",
    "declared",
    oneOf("declared", "ask"),
    "What a first install grants that does not say so: `declared`, all that the plugin asks for, as LANraragi's clients " +
      "expect; `ask`, nothing: it waits for a request that grants it.",
  ),
  jobs: setting(
    "HITAGI_JOBS",
    String(Math.max(2, availableParallelism())),
    bounded(1, 64),
    "Jobs that run at once.",
  ),
  historyDays: setting(
    "HITAGI_HISTORY_DAYS",
    "365",
    bounded(1, 36_500),
    "Days that the history of who did what is kept.",
  ),
  historyEntries: setting(
    "HITAGI_HISTORY_ENTRIES",
    "100000",
    bounded(100, 10_000_000),
    "Entries of the history that are kept; beyond them the oldest go.",
  ),
} as const;

type Table = typeof settingsTable;
export type SettingName = keyof Table;
type Parsed = { readonly [N in SettingName]: ReturnType<Table[N]["parse"]> };

/** The configuration, parsed, with every folder absolute. `apiKey` is empty where one is to be made. */
export type Config = Parsed;

/**
 * Reads the configuration: a flag wins over the environment, which wins over the default.
 * @param flags values by setting name, as text
 * @throws HitagiError CONFIG_INVALID
 */
export const readConfig = (
  flags: Partial<Record<SettingName, string>> = {},
  env: NodeJS.ProcessEnv = process.env,
): Config => {
  const entries = Object.entries(settingsTable) as [SettingName, Table[SettingName]][];
  const raw = entries.map(([name, s]) => {
    const given = flags[name] ?? [s.env, ...s.also].map((variable) => env[variable]).find(Boolean);
    return [name, s.parse(given === undefined || given === "" ? s.fallback : given, s.env)] as const;
  });
  const config = Object.fromEntries(raw) as { -readonly [N in SettingName]: Parsed[N] };
  config.data = path.resolve(config.data);
  config.store ||= `sqlite:${path.join(config.data, "hitagi.db")}`;
  config.githubRawUrl ||=
    config.githubUrl === settingsTable.githubUrl.fallback
      ? "https://raw.githubusercontent.com"
      : `${config.githubUrl}/raw`;
  config.plugins = path.resolve(config.plugins || path.join(config.data, "plugins"));
  for (const name of ["data", "plugins"] as const) checkFolder(config[name], settingsTable[name].env);
  config.library = checkedLibrary(
    config.library || path.join(config.data, "library"),
    settingsTable.library.env,
    config,
  );
  checkStore(config.store, settingsTable.store.env);
  checkArtifacts(config);
  return config;
};

/** Where programs are looked for that are started without this process's environment. */
export const searchPath = (env: NodeJS.ProcessEnv = process.env): string => env.PATH ?? "";

/** The folder of the builtin plugins: beside the built program or its chunks, or in the source tree. */
export const builtinFolder = (): string => {
  const places = ["builtin", "../builtin", "../../../../plugins"].map((place) =>
    path.resolve(import.meta.dirname, place),
  );
  return places.find((place) => existsSync(place)) ?? path.resolve(import.meta.dirname, "builtin");
};
