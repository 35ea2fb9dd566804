import type {
  Confinement,
  Namespace,
  NetworkRecord,
  Permissions,
  PluginType,
  RuntimeName,
} from "@hitagi/contract";

/** One version of a plugin, as a runtime needs it. */
export interface PluginCode {
  namespace: Namespace;
  /** Identifies the version; hex. */
  sha256: string;
  /** The file's name, for its extension and for stack traces. */
  filename: string;
  source: Buffer;
}

/** The entry point that each type of plugin exports. */
export const entryPoints = {
  metadata: "getTags",
  download: "provideUrl",
  login: "login",
  script: "run",
} as const satisfies Record<PluginType, string>;
export type EntryPoint = (typeof entryPoints)[PluginType];

/** What the plugin's context holds from the start; everything else it asks for. */
export interface CallContext {
  arg: string;
  settings: Record<string, string | number | boolean>;
  url?: string;
  archive?: { id: string; title: string; tags: string[]; summary: string; filename: string; size: number };
  /** Where the plugin finds the archive's file, and a folder for the time of the call: only of runtimes that give files. */
  file?: string;
  tempdir?: string;
}

/**
 * Answers what a plugin asks of the host during one call. Throws a HitagiError whose message the plugin sees.
 * Bytes travel as `{ base64: string }`.
 * @param deliver takes the answer before it is returned, and settles once the plugin's process has room for the next one.
 *   Until then the ask counts as under way, so that the host never holds more answers than it works on at once.
 */
export type Ask = (
  capability: string,
  args: unknown,
  signal: AbortSignal,
  deliver?: (value: unknown) => Promise<void>,
) => Promise<unknown>;

export interface CallRequest {
  entry: EntryPoint;
  context: CallContext;
  ask: Ask;
  timeoutMs: number;
  signal?: AbortSignal;
  /** Where the archive's file lies on this machine; undefined where it does not. For runtimes that give files. */
  file?: () => Promise<string | undefined>;
  /** Takes the file that a download plugin supplies instead of an address; it is gone afterwards. */
  takeFile?: (file: string) => Promise<void>;
}

/** Counts since start, and what is alive now. */
export interface RuntimeStats {
  processes: number;
  warm: number;
  inFlight: number;
  calls: number;
  crashes: number;
}

/**
 * What runs plugins. A version is started by its first call, serves all its calls from one process, and ends when
 * it is retired or idle. A driver is a folder or file beside this one, listed in runtimes.ts.
 */
export interface Runtime {
  readonly name: RuntimeName;
  /** With the dot: `.ts`. */
  readonly extensions: readonly string[];
  /** The owner has not switched it on. */
  readonly off: boolean;
  /** Why this runtime cannot run anything here, or undefined. */
  unavailable(): Promise<string | undefined>;
  /** What keeps its plugins from the rest of this machine. */
  confinement(): Promise<Confinement>;
  /**
   * Whether a file belongs where it is to lie, by what it says itself; nothing of it is run. Absent where files do not say.
   * @param place relative to the plugins folder, with `/`
   * @throws HitagiError PACKAGE_MISMATCH
   */
  checkPlace?(source: Buffer, place: string): void;
  /**
   * Loads code that nobody has vouched for, with no rights and no way to ask, and reads its manifest, unchecked.
   * The process is kept, so that the first call after a commit need not start one; `retire` ends it.
   * @throws HitagiError LOAD_FAILED (the plugin's fault), LOAD_CHECK_FAILED (the check's own fault, or its time)
   */
  vet(code: PluginCode, timeoutMs: number, signal?: AbortSignal): Promise<unknown>;
  /**
   * Calls an entry point and answers what it returned, as JSON values.
   * @throws HitagiError PLUGIN_FAILED (it threw), PLUGIN_TIMEOUT, PLUGIN_CANCELLED, PLUGIN_CRASHED (its process
   *   ended, ran out of memory, or spoke nonsense), LOAD_FAILED
   */
  call(code: PluginCode, request: CallRequest): Promise<unknown>;
  /** Ends a version's process once its calls in flight are done. Later calls may start it anew. */
  retire(code: Pick<PluginCode, "namespace" | "sha256">): void;
  stats(): RuntimeStats;
  /** Ends every process. */
  stop(): Promise<void>;
}

/** A login plugin's session: what the broker adds to requests of the plugins that name it. */
export interface Session {
  cookies: { name: string; value: string; domain: string; path?: string | undefined }[];
  headers: Record<string, string>;
  /** Hosts granted to the login plugin; its headers go nowhere else. */
  hosts: readonly string[];
  /** Its login says nothing of hosts: a plugin that makes its requests itself adds the headers to all of them. */
  anyHost?: boolean;
}

/** One call of one plugin, as far as its rights depend on it. */
export interface CallScope {
  namespace: Namespace;
  /** Where the plugin comes from: one of the same namespace from elsewhere has another cache. */
  source: string;
  granted: Permissions;
  /** The archive that a metadata call may read. */
  archive?: string | undefined;
  onProgress?: ((done: number, total: number, note?: string) => void) | undefined;
  /** The plugin makes its requests itself, and is given the session as it is. */
  ownRequests?: boolean | undefined;
  /** The session of the login plugin that this plugin names; called at most once a call. */
  session?: (() => Promise<Session | undefined>) | undefined;
}

/** The host's side of everything that a plugin may ask for: one table of capabilities, the same for every runtime. */
export interface Broker {
  bind(scope: CallScope): Ask;
  /** The newest requests of a plugin, on whichever server, newest first. */
  networkLog(namespace: Namespace): Promise<NetworkRecord[]>;
}

/** Told of what the broker does, for whoever counts it. It must not throw or take long. */
export interface BrokerObserver {
  /** A plugin asked for a row of the table, or for something `unknown`; `ok`, or the code of the refusal. */
  asked(capability: string, outcome: string): void;
  /** A request was made for a plugin: the status of the answer, or the code of its failure. */
  fetched(outcome: number | string): void;
}
