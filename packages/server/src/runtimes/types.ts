import type { Socket } from "node:net";
import type {
  Confinement,
  HitagiError,
  LogLevel,
  Manifest,
  Namespace,
  NetworkRecord,
  Permissions,
  PluginType,
  RuntimeName,
} from "@hitagi/contract";
import type { GrantedFile } from "./granted-files.ts";

/** One version of a plugin, as a runtime needs it. */
export interface PluginCode {
  namespace: Namespace;
  /** Identifies the version; hex. */
  sha256: string;
  /** For its extension and for stack traces. */
  filename: string;
  source: Buffer;
}

/** A package of another plugin, which a plugin uses in its own process. */
export interface PluginModule {
  /** The path under which perl requires it. */
  file: string;
  code: PluginCode;
}

/** The entry point that each type of plugin exports. */
export const entryPoints = {
  metadata: "getTags",
  download: "provideUrl",
  login: "login",
  script: "run",
} as const satisfies Record<PluginType, string>;
export type EntryPoint = (typeof entryPoints)[PluginType];

/** The data of a plugin's context; everything else is a host request. */
export interface CallContext {
  /** The one-shot argument; absent if none was given. */
  arg?: string;
  /** A value for every setting of the plugin. */
  settings: Record<string, string | number | boolean>;
  /** Names of the settings that the owner did not set, which have their default value. */
  unset?: readonly string[];
  url?: string;
  archive?: { id: string; title: string; tags: string[]; summary: string; filename: string; size: number };
  /** The archive's file and a folder for the call; only in runtimes that give plugins files. */
  file?: string;
  tempdir?: string;
}

/**
 * Answers the host requests of one call. The plugin sees the messages of the HitagiErrors that it throws. Bytes travel
 * as `{ base64: string }`.
 * @param deliver sends the response and settles once the plugin's process can take the next one. The request counts as
 *   running until then, so that the host never holds more responses than it works on at once.
 */
export type HostRequestHandler = (
  capability: string,
  args: unknown,
  signal: AbortSignal,
  deliver?: (value: unknown) => Promise<void>,
) => Promise<unknown>;

/** Whose call it is and on what, for the count of crashes. */
export interface CallOrigin {
  /** The name of the caller's key, or what the server does by itself. */
  caller: string;
  /** Identifies the archive, the argument and the address; of a call without them, the caller. */
  input: string;
}

/** The cause of a PLUGIN_CRASHED that the plugin itself brought about. All calls that one crash ended share it. */
export class ProcessCrash extends Error {
  /** Of the calls that the process ran; at least one of them is at fault. */
  readonly origins: readonly CallOrigin[];

  constructor(message: string, origins: readonly CallOrigin[]) {
    super(message);
    this.origins = origins;
  }
}

export interface CallRequest {
  entry: EntryPoint;
  context: CallContext;
  onHostRequest: HostRequestHandler;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  origin?: () => CallOrigin;
  /** Calls with the same text share processes, which no other call uses. */
  isolation?: string | undefined;
  /** The path of the archive's file, if it is on this machine. For runtimes that give plugins files. */
  archiveFile?: () => Promise<string | undefined>;
  /** The call's network, for runtimes whose plugins make their requests themselves. */
  network?: CallNetwork | undefined;
  /** Files that the plugin may read, for runtimes that give plugins files. */
  files?: readonly GrantedFile[] | undefined;
  /** Takes the stack of what the plugin threw, as its process tells it, before the call fails. */
  onStack?: (stack: string) => void;
  /** Takes the most memory in bytes that the process held, before the call ends. Where the machine tells it. */
  onMemory?: ((bytes: number) => void) | undefined;
  /** Takes the file that a download plugin supplies instead of an address. It is removed afterwards. */
  takeFile?: ((file: string) => Promise<void>) | undefined;
}

/** `calls` and `crashes` count since the start. */
export interface RuntimeStats {
  processes: number;
  standby: number;
  inFlight: number;
  calls: number;
  crashes: number;
}

/**
 * Runs plugins. The first call of a version starts its process, which serves all its calls until the version is retired
 * or idle.
 */
export interface Runtime {
  readonly name: RuntimeName;
  /** With the dot: `.ts`. */
  readonly extensions: readonly string[];
  /** The owner has not enabled it. */
  readonly disabled: boolean;
  /** Why this machine cannot run its plugins; undefined if it can. */
  unavailable(): Promise<string | undefined>;
  /** How its plugins are confined on this machine. */
  confinement(): Promise<Confinement>;
  /**
   * Checks that a file's content belongs to its path, without running it. Absent if files do not name their path.
   * @param file relative to the plugins folder, with `/`
   * @throws HitagiError PACKAGE_MISMATCH
   */
  checkPath?(source: Buffer, file: string): void;
  /**
   * Loads untrusted code, without any host request, and answers its manifest, unchecked. The process is kept for the
   * first call; `retire` ends it.
   * @throws HitagiError LOAD_FAILED (the plugin is at fault), LOAD_CHECK_FAILED (the check failed or timed out)
   */
  vet(code: PluginCode, timeoutMs: number, signal?: AbortSignal): Promise<unknown>;
  /**
   * Calls an entry point and answers its result as JSON values.
   * @throws HitagiError PLUGIN_FAILED (it threw), PLUGIN_TIMEOUT, PLUGIN_CANCELLED, PLUGIN_CRASHED (its process
   *   ended, ran out of memory or broke the protocol), LOAD_FAILED
   */
  call(code: PluginCode, request: CallRequest): Promise<unknown>;
  /** Ends a version's process after its calls in flight. A later call starts a new one. */
  retire(code: Pick<PluginCode, "namespace" | "sha256">): void;
  stats(): RuntimeStats;
  /** Ends all processes. */
  stop(): Promise<void>;
}

/** The session of a login plugin, which the broker adds to the requests of plugins that name it. */
export interface LoginSession {
  cookies: {
    name: string;
    value: string;
    /** With a dot before it, the cookie is for its subdomains too. */
    domain: string;
    path?: string | undefined;
    /** For https only. */
    secure?: boolean | undefined;
  }[];
  headers: Record<string, string>;
  /** Hosts granted to the login plugin; its headers and cookies go to no other. */
  hosts: readonly string[];
  /** The login names no hosts: a plugin with direct network access sends the headers to all. */
  anyHost?: boolean;
}

/** The other plugins, for one that may use them. */
export interface OtherPlugins {
  /** What they say about themselves, without settings. */
  list(): readonly Manifest[];
  /**
   * Runs a metadata or script plugin with its own settings and grants; nothing is written to the archive.
   * @returns `data` as the API has it
   * @throws HitagiError PLUGIN_NOT_FOUND, CAPABILITY_DENIED, CAPABILITY_LIMIT (plugins that call each other), and what its call throws
   */
  use(request: { namespace: string; archive?: string; arg?: string }, signal: AbortSignal): Promise<unknown>;
}

/** A line that a plugin logged. */
export interface LoggedLine {
  level: LogLevel;
  /** Harmless on a terminal, except that it may have several lines. */
  text: string;
}

/** An address that a script handed to downloads. */
export interface AddedAddress {
  /** The download's job; null if the library has an archive of this address already. */
  job: number | null;
}

/** Takes the addresses of works that a script found. */
export interface DownloadQueue {
  /**
   * Queues a download, once a day for one address.
   * @throws HitagiError CAPABILITY_DENIED (neither the script nor the download plugin has the host), CAPABILITY_INVALID,
   *   CAPABILITY_LIMIT, NO_DOWNLOADER
   */
  add(url: string): Promise<AddedAddress>;
}

/** A site's answer that asks a plugin for fewer requests: its status is 401, 403, 429 or 503. */
export interface SiteRefusal {
  host: string;
  status: number;
  /** Seconds, as the site says (RFC 9110 §10.2.3). */
  retryAfter?: number;
}

/** What one call may do. */
export interface CallScope {
  namespace: Namespace;
  /** Where the plugin is from; another source of the same namespace has another cache. */
  source: string;
  granted: Permissions;
  /** The archive that a metadata call may read. */
  archive?: string | undefined;
  onProgress?: ((done: number, total: number, note?: string) => void) | undefined;
  /** Takes each line that the plugin logs. It must not throw or wait. */
  onLine?: ((line: LoggedLine) => void) | undefined;
  /** Takes each request that the plugin made or was refused. It must not throw or wait. */
  onRequest?: ((request: NetworkRecord) => void) | undefined;
  /** Told of each refusal of a site. Requests in a tunnel are not seen. */
  onRefused?: ((refusal: SiteRefusal) => void) | undefined;
  /** The plugin makes its requests itself, and gets the login session. */
  directNetwork?: boolean | undefined;
  /** Where `granted` names no hosts, every public host is granted. */
  anyPublicHost?: boolean | undefined;
  /** Opens the session of the plugin's login; called at most once a call. */
  session?: (() => Promise<LoginSession | undefined>) | undefined;
  /** The other plugins, for a runtime whose plugins know of them. */
  plugins?: OtherPlugins | undefined;
  /** The queue of downloads, for a script. */
  downloads?: DownloadQueue | undefined;
}

/**
 * The network of one call, for a plugin that makes its requests itself: an HTTP proxy with the call's grants. It ends with
 * the call.
 */
export interface CallNetwork {
  /** Serves a connection that the plugin made; cuts it if the call has ended. It must allow half-open ends. */
  serve(connection: Socket): void;
  /** The newest refusal. A client seldom passes on why a proxy refused it. */
  refused(): HitagiError | undefined;
  close(): void;
}

/** Answers host requests, for every runtime by the same table of capabilities. */
export interface Broker {
  bind(scope: CallScope): HostRequestHandler;
  openNetwork(scope: CallScope): CallNetwork;
  /** The newest requests of a plugin, on all servers, newest first. */
  networkLog(namespace: Namespace): Promise<NetworkRecord[]>;
}

/** Must not throw or block. */
export interface BrokerObserver {
  /** @param capability a name of the table, or `unknown` @param outcome `ok`, or the code of the error */
  onHostRequest(capability: string, outcome: string): void;
  /** @param outcome the status of the response, or the code of the error */
  onFetch(outcome: number | string): void;
}
