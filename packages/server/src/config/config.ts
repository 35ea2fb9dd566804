import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { defaultLibrary } from "../library/place.ts";
import { checkArtifacts, checkFolder, checkStore, resolveLibrary, storeFiles } from "./locations.ts";
import {
  absoluteFolder,
  bounded,
  hostAndPort,
  hostName,
  list,
  oneOf,
  onOff,
  type Parse,
  text,
  webAddress,
} from "./values.ts";

const setting = <T>(env: string, fallback: string, parse: Parse<T>, also: readonly string[] = []) => ({
  about: (about: string) => ({ env, fallback, parse, also, about, isSecret: false }),
  /** The value is shown nowhere. */
  secret: (about: string) => ({ env, fallback, parse, also, about, isSecret: true }),
});

/**
 * Every setting of the server: its environment variable, its default as text, its parser and its description. The
 * flag of `hitagi serve` is the variable's name without `HITAGI_`, in lower case. An empty default is derived from
 * other settings. `also` lists fallback variables.
 */
export const settingsTable = {
  host: setting("HITAGI_HOST", "127.0.0.1", text).about(
    "Address to listen on. Every address except loopback is reachable from the network.",
  ),
  port: setting("HITAGI_PORT", "3000", bounded(0, 65_535)).about("Port to listen on; 0 selects a free port."),
  publicUrl: setting("HITAGI_PUBLIC_URL", "", webAddress).about(
    "Address of the server for its users, such as https://hitagi.example.org behind a proxy. Its host is allowed like those of HITAGI_ALLOWED_HOSTS.",
  ),
  allowedHosts: setting("HITAGI_ALLOWED_HOSTS", "", list(hostName)).about(
    "Host names of the server, separated by commas, beside IP addresses, localhost, HITAGI_HOST, HITAGI_PUBLIC_URL, and the machine's own name with and without .local. Requests to other names are refused, because a web page can point its own name at the server.",
  ),
  data: setting("HITAGI_DATA", "./data", text).about("Folder for all data of the server."),
  apiKey: setting("HITAGI_API_KEY", "", text).secret(
    "The API key. If not set, the server makes one at its first start and keeps it in the data folder.",
  ),
  store: setting("HITAGI_STORE", "", text).secret(
    "The store: `sqlite:<path>`, by default hitagi.db in the data folder; or `redis://[user:password@]host[:port]/<database>`, `rediss://`, `redis+unix://` or `redis+sentinel://` (docs/redis.md).",
  ),
  storeTimeout: setting("HITAGI_STORE_TIMEOUT", "10", bounded(1, 60)).about(
    "Seconds after which a request to Redis without an answer has failed.",
  ),
  artifacts: setting("HITAGI_ARTIFACTS", "", text).about(
    "Where servers on one Redis share the files of plugins: if empty, in that Redis; else an absolute folder that all servers mount, or `s3://bucket[/prefix]` (docs/redis.md).",
  ),
  s3Endpoint: setting("HITAGI_S3_ENDPOINT", "", webAddress, [
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
  ]).about("Address of the bucket's server; by default Amazon's address for the region."),
  s3Region: setting("HITAGI_S3_REGION", "us-east-1", text, ["AWS_REGION", "AWS_DEFAULT_REGION"]).about(
    "Region of the bucket.",
  ),
  s3PathStyle: setting("HITAGI_S3_PATH_STYLE", "", oneOf("", "0", "1")).about(
    "Whether the bucket is part of the path (1) or of the host name (0); by default 1 with HITAGI_S3_ENDPOINT, else 0.",
  ),
  s3KeyId: setting("HITAGI_S3_KEY_ID", "", text, ["AWS_ACCESS_KEY_ID"]).about("The bucket's access key id."),
  s3Secret: setting("HITAGI_S3_SECRET", "", text, ["AWS_SECRET_ACCESS_KEY"]).secret(
    "The secret of that key. Set it in the environment: every user can read the flags of a process.",
  ),
  s3Token: setting("HITAGI_S3_TOKEN", "", text, ["AWS_SESSION_TOKEN"]).secret(
    "The session token of temporary credentials.",
  ),
  plugins: setting("HITAGI_PLUGINS", "", text).about(
    "Folder of installed plugins; by default plugins in the data folder.",
  ),
  library: setting("HITAGI_LIBRARY", "", text).about(
    "Folder of archives, by default library in the data folder; or a LANraragi server: `lanraragi+http://host:port` or `lanraragi+https://…`.",
  ),
  newArchives: setting("HITAGI_NEW_ARCHIVES", "auto", oneOf("auto", "here", "lanraragi")).about(
    "Who runs the enabled metadata plugins on new archives: `here` this server, `lanraragi` the LANraragi server that has the same " +
      "library. With `auto` it is LANraragi if this server uses its library and a Redis.",
  ),
  libraryKey: setting("HITAGI_LIBRARY_KEY", "", text).secret("The API key of that LANraragi server."),
  libraryPoll: setting("HITAGI_LIBRARY_POLL", "60", bounded(0, 86_400)).about(
    "Seconds between two polls for new archives on that server; 0 polls only at the start.",
  ),
  libraryCache: setting("HITAGI_LIBRARY_CACHE", "2048", bounded(1, 10_485_760)).about(
    "Megabytes of that server's files to cache in the data folder; the least recently used are removed first.",
  ),
  thumbnailCache: setting("HITAGI_THUMBNAIL_CACHE", "1024", bounded(1, 10_485_760)).about(
    "Megabytes of thumbnails to cache in the data folder, about 40 KB for each; the least recently used are removed first.",
  ),
  libraryIgnore: setting("HITAGI_LIBRARY_IGNORE", "", list(text)).about(
    "Patterns of files and folders in the library folder that are left out, separated by commas: `*.sample.cbz, raw/**`. One without `/` is for a name in any folder.",
  ),
  libraryLinks: setting("HITAGI_LIBRARY_LINKS", "", list(absoluteFolder)).about(
    "Absolute folders, separated by commas, to which links in the library folder may lead, beside the library itself. If empty, no link is followed.",
  ),
  scanMinutes: setting("HITAGI_SCAN_MINUTES", "30", bounded(0, 10_080)).about(
    "Minutes between two scans of the library folder, which is also watched; 0 scans it only at the start.",
  ),
  settle: setting("HITAGI_SETTLE", "5", bounded(0, 3600)).about(
    "Seconds that a new file in the library folder must stay unchanged before it is added.",
  ),
  log: setting("HITAGI_LOG", "info", oneOf("trace", "debug", "info", "warn", "error", "silent")).about(
    "The log level.",
  ),
  callTimeout: setting("HITAGI_CALL_TIMEOUT", "60", bounded(1, 3600)).about(
    "Seconds that one call of a plugin may take.",
  ),
  pluginMemory: setting("HITAGI_PLUGIN_MEMORY", "256", bounded(64, 8192)).about(
    "Memory limit of one plugin's process, in megabytes.",
  ),
  warm: setting("HITAGI_WARM", "1", bounded(0, 16)).about("Sandbox processes to keep started in advance."),
  perl: setting("HITAGI_PERL", "0", onOff).about(
    "Run Perl plugins (1). Off by default, because they are confined only where bubblewrap works.",
  ),
  perlFolder: setting("HITAGI_PERL_FOLDER", "256", bounded(16, 65_536)).about(
    "Size of the temporary folder of a Perl plugin's process, in megabytes. It is in memory. A download plugin that supplies files needs as much as its largest file.",
  ),
  fetchTimeout: setting("HITAGI_FETCH_TIMEOUT", "30", bounded(1, 3600)).about(
    "Total seconds that one fetch from a registry may take.",
  ),
  githubUrl: setting("HITAGI_GITHUB_URL", "https://github.com", webAddress).about(
    "Address of GitHub; change it for GitHub Enterprise.",
  ),
  githubRawUrl: setting("HITAGI_GITHUB_RAW_URL", "", webAddress).about(
    "Address of GitHub's raw files; by default https://raw.githubusercontent.com, or HITAGI_GITHUB_URL with /raw if that is changed.",
  ),
  gitlabUrl: setting("HITAGI_GITLAB_URL", "https://gitlab.com", list(webAddress)).about(
    "GitLab servers, separated by commas. Hitagi recognises them without a request, also below a path. Other servers work too.",
  ),
  giteaUrl: setting("HITAGI_GITEA_URL", "https://codeberg.org,https://gitea.com", list(webAddress)).about(
    "Gitea and Forgejo servers, in the same form.",
  ),
  git: setting("HITAGI_GIT", "git", text).about("The program git, for git registries."),
  caFile: setting("HITAGI_CA_FILE", "", text).about(
    "File with certificates (PEM) of additional authorities to trust, for registries and for Redis over TLS.",
  ),
  proxy: setting("HITAGI_PROXY", "", webAddress, ["HTTPS_PROXY", "https_proxy"]).about(
    "Proxy for requests to registries; by default HTTPS_PROXY.",
  ),
  proxyExcept: setting("HITAGI_PROXY_EXCEPT", "", text, ["NO_PROXY", "no_proxy"]).about(
    "Hosts to reach without the proxy, separated by commas; by default NO_PROXY. Loopback never uses the proxy.",
  ),
  refreshHours: setting("HITAGI_REFRESH_HOURS", "24", bounded(0, 8760)).about(
    "Hours between automatic refreshes of each registry, varied by a tenth; 0 for never.",
  ),
  maxUpload: setting("HITAGI_MAX_UPLOAD", "2048", bounded(1, 65_536)).about(
    "Largest size of an uploaded archive, in megabytes.",
  ),
  downloadHosts: setting("HITAGI_DOWNLOAD_HOSTS", "", list(hostAndPort)).about(
    "Hosts of the local network that downloads may reach, separated by commas, such as `nas.lan,192.168.1.5:8080`; without a port, 80 and 443. Other downloads reach public addresses only.",
  ),
  grant: setting("HITAGI_GRANT", "declared", oneOf("declared", "ask")).about(
    "What a first install grants if the request does not say: `declared` grants all that the plugin asks for, as LANraragi's " +
      "clients expect; `ask` grants nothing and waits for a request with a grant.",
  ),
  jobs: setting("HITAGI_JOBS", String(Math.max(2, availableParallelism())), bounded(1, 64)).about(
    "Jobs that run at once.",
  ),
  jobState: setting("HITAGI_JOB_STATE", "open", oneOf("open", "key")).about(
    "Who may see the state of a job: with `open` all who have its number, as in LANraragi; with `key` only those with a key, or with the `job_token` of the call that queued it.",
  ),
  historyDays: setting("HITAGI_HISTORY_DAYS", "365", bounded(1, 36_500)).about("Days to keep the history."),
  historyEntries: setting("HITAGI_HISTORY_ENTRIES", "100000", bounded(100, 10_000_000)).about(
    "Entries of the history to keep; older ones are removed.",
  ),
  logDays: setting("HITAGI_LOG_DAYS", "14", bounded(1, 3650)).about("Days to keep the logs of plugins."),
  logSize: setting("HITAGI_LOG_SIZE", "4", bounded(1, 1024)).about(
    "Megabytes to keep of each plugin's log; older lines are removed.",
  ),
} as const;

type Table = typeof settingsTable;
export type SettingName = keyof Table;

/** The parsed configuration. Every folder is absolute. An empty `apiKey` means that the server makes one. */
export type Config = { readonly [N in SettingName]: ReturnType<Table[N]["parse"]> };

/** The flag of `hitagi serve` for an environment variable, without dashes in front. */
export const flagOf = (env: string): string =>
  env
    .replace(/^HITAGI_/, "")
    .toLowerCase()
    .replaceAll("_", "-");

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
    const value = flags[name] ?? [s.env, ...s.also].map((variable) => env[variable]).find(Boolean);
    return [name, s.parse(value || s.fallback, s.env)] as const;
  });
  const config = Object.fromEntries(raw) as { -readonly [N in SettingName]: Config[N] };
  config.data = path.resolve(config.data);
  config.store ||= `sqlite:${path.join(config.data, "hitagi.db")}`;
  config.githubRawUrl ||=
    config.githubUrl === settingsTable.githubUrl.fallback
      ? "https://raw.githubusercontent.com"
      : `${config.githubUrl}/raw`;
  config.plugins = path.resolve(config.plugins || path.join(config.data, "plugins"));
  for (const name of ["data", "plugins"] as const) checkFolder(config[name], settingsTable[name].env);
  const library = config.library || defaultLibrary(config.data);
  config.library = resolveLibrary(library, settingsTable.library.env, config);
  checkStore(config.store, settingsTable.store.env);
  checkArtifacts(config);
  return config;
};

/** What plugins cannot be granted to read: the server's own data, except for the library. */
export const closedPlaces = ({ data, store, library }: Config) => ({
  own: [data, ...storeFiles(store)],
  except: path.isAbsolute(library) ? [library] : [],
});

/** The PATH to search for programs, which are started without this process's environment. */
export const searchPath = (env: NodeJS.ProcessEnv = process.env): string => env.PATH ?? "";

/** The first of some places that exists; the first if none does. Paths are relative to the built program, its chunks or this file. */
const firstFolder = (...places: [string, ...string[]]): string => {
  const at = (place: string) => path.resolve(import.meta.dirname, place);
  return at(places.find((place) => existsSync(at(place))) ?? places[0]);
};

/** The folder of the builtin plugins. */
export const builtinFolder = (): string => firstFolder("builtin", "../builtin", "../../../../plugins");

/** The folder of the built page. Without a build it does not exist. */
export const pageFolder = (): string => firstFolder("web", "../web", "../../dist/web");

/** The builtin plugins as artifacts with their manifests, which the build vetted. Without a build the folder does not exist. */
export const builtinArtifacts = (): string =>
  firstFolder("builtin-artifacts", "../builtin-artifacts", "../../dist/builtin-artifacts");
