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
 * Every setting of the server: its environment variable, its default as text, its parser and its description. The
 * flag of `hitagi serve` is the variable's name without `HITAGI_`, in lower case. An empty default is derived from
 * other settings. `also` lists fallback variables.
 */
export const settingsTable = {
  host: setting(
    "HITAGI_HOST",
    "127.0.0.1",
    text,
    "Address to listen on. Every address except loopback is reachable from the network.",
  ),
  port: setting("HITAGI_PORT", "3000", bounded(0, 65_535), "Port to listen on; 0 selects a free port."),
  data: setting("HITAGI_DATA", "./data", text, "Folder for all data of the server."),
  apiKey: setting(
    "HITAGI_API_KEY",
    "",
    text,
    "The API key. If not set, the server makes one at its first start and keeps it in the data folder.",
  ),
  store: setting(
    "HITAGI_STORE",
    "",
    text,
    "The store: `sqlite:<path>`, by default hitagi.db in the data folder; or `redis://[user:password@]host[:port]/<database>`, `rediss://`, `redis+unix://` or `redis+sentinel://` (docs/redis.md).",
  ),
  artifacts: setting(
    "HITAGI_ARTIFACTS",
    "",
    text,
    "Where servers on one Redis share the files of plugins: if empty, in that Redis; else an absolute folder that all servers mount, or `s3://bucket[/prefix]` (docs/redis.md).",
  ),
  s3Endpoint: setting(
    "HITAGI_S3_ENDPOINT",
    "",
    webAddress,
    "Address of the bucket's server; by default Amazon's address for the region.",
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
    "Whether the bucket is part of the path (1) or of the host name (0); by default 1 with HITAGI_S3_ENDPOINT, else 0.",
  ),
  s3KeyId: setting("HITAGI_S3_KEY_ID", "", text, "The bucket's access key id.", ["AWS_ACCESS_KEY_ID"]),
  s3Secret: setting(
    "HITAGI_S3_SECRET",
    "",
    text,
    "The secret of that key. Set it in the environment: every user can read the flags of a process.",
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
    "Seconds between two polls for new archives on that server; 0 polls only at the start.",
  ),
  libraryCache: setting(
    "HITAGI_LIBRARY_CACHE",
    "2048",
    bounded(1, 10_485_760),
    "Megabytes of that server's files to cache in the data folder; the least recently used are removed first.",
  ),
  scanMinutes: setting(
    "HITAGI_SCAN_MINUTES",
    "30",
    bounded(0, 10_080),
    "Minutes between two scans of the library folder, which is also watched; 0 scans it only at the start.",
  ),
  settle: setting(
    "HITAGI_SETTLE",
    "5",
    bounded(0, 3600),
    "Seconds that a new file in the library folder must stay unchanged before it is added.",
  ),
  log: setting(
    "HITAGI_LOG",
    "info",
    oneOf("trace", "debug", "info", "warn", "error", "silent"),
    "The log level.",
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
    "Memory limit of one plugin's process, in megabytes.",
  ),
  warm: setting("HITAGI_WARM", "1", bounded(0, 16), "Sandbox processes to keep started in advance."),
  perl: setting(
    "HITAGI_PERL",
    "0",
    onOff,
    "Run Perl plugins (1). Off by default, because no sandbox restricts their network access.",
  ),
  fetchTimeout: setting(
    "HITAGI_FETCH_TIMEOUT",
    "30",
    bounded(1, 3600),
    "Total seconds that one fetch from a registry may take.",
  ),
  githubUrl: setting(
    "HITAGI_GITHUB_URL",
    "https://github.com",
    webAddress,
    "Address of GitHub; change it for GitHub Enterprise.",
  ),
  githubRawUrl: setting(
    "HITAGI_GITHUB_RAW_URL",
    "",
    webAddress,
    "Address of GitHub's raw files; by default https://raw.githubusercontent.com, or HITAGI_GITHUB_URL with /raw if that is changed.",
  ),
  gitlabUrl: setting(
    "HITAGI_GITLAB_URL",
    "https://gitlab.com",
    list(webAddress),
    "GitLab servers, separated by commas. Hitagi recognises them without a request, also below a path. Other servers work too.",
  ),
  giteaUrl: setting(
    "HITAGI_GITEA_URL",
    "https://codeberg.org,https://gitea.com",
    list(webAddress),
    "Gitea and Forgejo servers, in the same form.",
  ),
  git: setting("HITAGI_GIT", "git", text, "The program git, for git registries."),
  caFile: setting(
    "HITAGI_CA_FILE",
    "",
    text,
    "File with certificates (PEM) of additional authorities to trust, for registries and for Redis over TLS.",
  ),
  proxy: setting(
    "HITAGI_PROXY",
    "",
    webAddress,
    "Proxy for requests to registries; by default HTTPS_PROXY.",
    ["HTTPS_PROXY", "https_proxy"],
  ),
  proxyExcept: setting(
    "HITAGI_PROXY_EXCEPT",
    "",
    text,
    "Hosts to reach without the proxy, separated by commas; by default NO_PROXY. Loopback never uses the proxy.",
    ["NO_PROXY", "no_proxy"],
  ),
  refreshHours: setting(
    "HITAGI_REFRESH_HOURS",
    "24",
    bounded(0, 8760),
    "Hours between automatic refreshes of each registry, varied by a tenth; 0 for never.",
  ),
  maxUpload: setting(
    "HITAGI_MAX_UPLOAD",
    "2048",
    bounded(1, 65_536),
    "Largest size of an uploaded archive, in megabytes.",
  ),
  grant: setting(
    "HITAGI_GRANT",
    "declared",
    oneOf("declared", "ask"),
    "What a first install grants if the request does not say: `declared` grants all that the plugin asks for, as LANraragi's " +
      "clients expect; `ask` grants nothing and waits for a request with a grant.",
  ),
  jobs: setting(
    "HITAGI_JOBS",
    String(Math.max(2, availableParallelism())),
    bounded(1, 64),
    "Jobs that run at once.",
  ),
  historyDays: setting("HITAGI_HISTORY_DAYS", "365", bounded(1, 36_500), "Days to keep the history."),
  historyEntries: setting(
    "HITAGI_HISTORY_ENTRIES",
    "100000",
    bounded(100, 10_000_000),
    "Entries of the history to keep; older ones are removed.",
  ),
} as const;

type Table = typeof settingsTable;
export type SettingName = keyof Table;
type Parsed = { readonly [N in SettingName]: ReturnType<Table[N]["parse"]> };

/** The parsed configuration. Every folder is absolute. An empty `apiKey` means that the server makes one. */
export type Config = Parsed;

/**
 * Reads the configuration. A flag overrides the environment, which overrides the default.
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

/** The PATH to search for programs, which are started without this process's environment. */
export const searchPath = (env: NodeJS.ProcessEnv = process.env): string => env.PATH ?? "";

/** The folder of the builtin plugins: beside the built program or its chunks, or in the source tree. */
export const builtinFolder = (): string => {
  const places = ["builtin", "../builtin", "../../../../plugins"].map((place) =>
    path.resolve(import.meta.dirname, place),
  );
  return places.find((place) => existsSync(place)) ?? path.resolve(import.meta.dirname, "builtin");
};
