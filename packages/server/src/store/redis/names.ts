import { type Namespace, toNamespace } from "@hitagi/contract";

/** LANraragi's names for its keys; both programs read and write them. */
export const CONFIG = "LRR_CONFIG";
export const SERVER = "LRR_SERVER";
export const REGISTRY_KEYS = "REG_??????????";
/** The cached indexes. */
export const DOCUMENT_KEYS = "REG_INDEX_??????????";
const PLUGIN = "LRR_PLUGIN_";
export const LANRARAGI_PLUGIN_KEYS = `${PLUGIN}*`;

/** The prefix of keys that only Hitagi uses. */
const OURS = "HITAGI:";
export const OUR_KEYS = `${OURS}*`;
const OUR_PLUGIN = `${OURS}PLUGIN:`;

/** Matches the keys of both halves of plugin records, and few others. */
export const PLUGIN_KEYS = "*PLUGIN[:_]*";

const digits = (id: string): string => id.slice("REG_".length);
/** A registry's digits, or the fingerprint of a recovery key. */
const ownerOf = (owner: string): string => (owner.startsWith("REG_") ? digits(owner) : owner);
const upper = (namespace: string): string => namespace.toUpperCase();

/** Where each thing is stored. A registry's id is its key. */
export const names = {
  store: `${OURS}STORE`,
  /** The progress of a copy into this database; absent when there is none. */
  copyMark: `${OURS}TRANSFER`,
  /** Counters for orders and ids, a field each. */
  counts: `${OURS}COUNTS`,
  registryIds: `${OURS}REGISTRY_IDS`,
  registry: (id: string) => `${OURS}REGISTRY:${digits(id)}`,
  credential: (id: string) => `${OURS}CREDENTIAL:${digits(id)}`,
  document: (id: string) => `REG_INDEX_${digits(id)}`,
  index: (id: string) => `${OURS}INDEX:${digits(id)}`,
  rows: (id: string) => `${OURS}INDEX_ROWS:${digits(id)}`,
  /** Hitagi's reading of an index that LANraragi cached and that Hitagi reads differently, and each signed index. */
  reading: (id: string) => `${OURS}INDEX_TEXT:${digits(id)}`,
  details: (id: string) => `${OURS}DETAILS:${digits(id)}`,
  seenVersions: (owner: string) => `${OURS}SEEN_VERSIONS:${ownerOf(owner)}`,
  /** The accepted states of signed registries by fingerprint, and the pins by registry. */
  trust: `${OURS}TRUST`,
  pins: `${OURS}PINS`,
  incoming: (unique: string) => `${OURS}INCOMING:${unique}`,
  plugin: (namespace: Namespace) => `${PLUGIN}${upper(namespace)}`,
  ourPlugin: (namespace: Namespace) => `${OUR_PLUGIN}${upper(namespace)}`,
  artifact: (sha256: string) => `${OURS}ARTIFACT:${sha256}`,
  /** The hashes of bytes that no record names, by when that was noted. */
  pendingArtifacts: `${OURS}UNRECORDED`,
  /** What records and kept versions refer to; see reference-index.ts. */
  references: `${OURS}NAMED`,
  versions: (namespace: Namespace) => `${OURS}VERSIONS:${upper(namespace)}`,
  jobs: `${OURS}JOBS`,
  jobsEnded: `${OURS}JOBS:ENDED`,
  jobsIn: (state: string) => `${OURS}JOBS:${state}`,
  /** The ids of jobs by their keys. */
  jobsOnce: `${OURS}JOBS:ONCE`,
  /** Jobs that no worker has, by priority and then by age. */
  jobsWaiting: `${OURS}JOBS:WAITING`,
  /** Jobs that do not run before a time, by that time in epoch seconds. */
  jobsDelayed: `${OURS}JOBS:DELAYED`,
  /** Jobs that a worker has, by when its claim ends. */
  jobsClaimed: `${OURS}JOBS:CLAIMED`,
  job: (id: number | string) => `${OURS}JOB:${id}`,
  batch: (job: number | string) => `${OURS}BATCH:${job}`,
  archives: `${OURS}ARCHIVES`,
  archiveFiles: `${OURS}ARCHIVES:FILES`,
  archiveOrder: `${OURS}ARCHIVES:ORDER`,
  /** A stream of the ids of changed archives, the last ones. */
  archiveChanges: `${OURS}ARCHIVES:CHANGES`,
  categories: `${OURS}CATEGORIES`,
  documents: `${OURS}DOCUMENTS`,
  seenArchives: (library: string) => `${OURS}KNOWN:${library}`,
  keys: `${OURS}KEYS`,
  firstKey: `${OURS}KEYS:FIRST`,
  keyNames: `${OURS}KEYS:NAMES`,
  keyUses: `${OURS}KEYS:USED`,
  history: `${OURS}HISTORY`,
  pluginLog: (namespace: Namespace) => `${OURS}LOG:${upper(namespace)}`,
  events: `${OURS}EVENTS`,
  /** Identifies the stream of events; another one after the stream was lost. */
  eventsRun: `${OURS}EVENTS:RUN`,
  cache: (owner: string) => `${OURS}CACHE:${upper(owner)}`,
  /** The topics that have changed, each with the number of its last change. */
  changes: `${OURS}CHANGES`,
  /** A ring of the last changes: the number and the mark of each. */
  revisions: `${OURS}REVISIONS`,
  /** The nodes by when they were last heard of. */
  nodes: `${OURS}NODES`,
  nodeStates: `${OURS}NODES:STATE`,
  /** A channel; Redis has one for all databases. */
  changed: `${OURS}CHANGED`,
  requests: (namespace: Namespace) => `${OURS}REQUESTS:${upper(namespace)}`,
  /** Exists while a rate limit forbids the next use. */
  rateLimit: (key: string) => `${OURS}TURN:${key}`,
  lock: (key: string) => `${OURS}LOCK:${key}`,
  /** A key that could not be used: its name without the prefix, and when it was put aside. */
  setAside: (name: string) => `${OURS}SET_ASIDE:${name}`,
} as const;

const SERVER_STATE: readonly string[] = [
  names.store,
  names.copyMark,
  names.counts,
  names.events,
  names.eventsRun,
  names.changes,
  names.archiveChanges,
  names.revisions,
  names.nodes,
  names.nodeStates,
  names.pendingArtifacts,
];
const SERVER_STATE_PREFIXES = [
  names.lock(""),
  names.rateLimit(""),
  names.artifact(""),
  names.incoming(""),
  names.setAside(""),
];

/** Whether a key of Hitagi's is about the servers on the database, and is no record that a copy takes along. */
export const isServerState = (key: string): boolean =>
  SERVER_STATE.includes(key) || SERVER_STATE_PREFIXES.some((prefix) => key.startsWith(prefix));

/** The namespace of a key of either half of a plugin record; undefined for any other key. */
export const namespaceOf = (key: string): Namespace | undefined => {
  const prefix = [PLUGIN, OUR_PLUGIN].find((begin) => key.startsWith(begin));
  return prefix && toNamespace(key.slice(prefix.length));
};
