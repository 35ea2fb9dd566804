import { type Namespace, toNamespace } from "@hitagi/contract";
/** What LANraragi calls its keys; both programs read and write them. */
export const CONFIG = "LRR_CONFIG";
export const REGISTRY_KEYS = "REG_??????????";
/** The cached indexes. */
export const DOCUMENT_KEYS = "REG_INDEX_??????????";
const PLUGIN = "LRR_PLUGIN_";
export const LANRARAGI_PLUGIN_KEYS = `${PLUGIN}*`;

/** What is ours alone stands under this, so that the other program never meets it. */
const OURS = "HITAGI:";
export const OUR_KEYS = `${OURS}*`;
const OUR_PLUGIN = `${OURS}PLUGIN:`;

/** Matches the keys of both halves of plugin records, and little else. */
export const PLUGIN_KEYS = "*PLUGIN[:_]*";

const digits = (id: string): string => id.slice("REG_".length);
const upper = (namespace: string): string => namespace.toUpperCase();

/** Where each thing stands. A registry's id is its key. */
export const names = {
  store: `${OURS}STORE`,
  /** How far a copy into this database has come; absent where it is whole. */
  transfer: `${OURS}TRANSFER`,
  /** Counts for orders and ids, one field each. */
  counts: `${OURS}COUNTS`,
  registryIds: `${OURS}REGISTRY_IDS`,
  registry: (id: string) => `${OURS}REGISTRY:${digits(id)}`,
  credential: (id: string) => `${OURS}CREDENTIAL:${digits(id)}`,
  document: (id: string) => `REG_INDEX_${digits(id)}`,
  index: (id: string) => `${OURS}INDEX:${digits(id)}`,
  rows: (id: string) => `${OURS}INDEX_ROWS:${digits(id)}`,
  /** Our own reading of an index that LANraragi cached and that we do not take as it is. */
  reading: (id: string) => `${OURS}INDEX_TEXT:${digits(id)}`,
  incoming: (unique: string) => `${OURS}INCOMING:${unique}`,
  plugin: (namespace: Namespace) => `${PLUGIN}${upper(namespace)}`,
  ourPlugin: (namespace: Namespace) => `${OUR_PLUGIN}${upper(namespace)}`,
  artifact: (sha256: string) => `${OURS}ARTIFACT:${sha256}`,
  /** The hashes of bytes that are for no record, yet or any more, by when that was noted. */
  unrecorded: `${OURS}UNRECORDED`,
  /** What records and kept versions name; see named.ts. */
  named: `${OURS}NAMED`,
  versions: (namespace: Namespace) => `${OURS}VERSIONS:${upper(namespace)}`,
  jobs: `${OURS}JOBS`,
  jobsEnded: `${OURS}JOBS:ENDED`,
  jobsIn: (state: string) => `${OURS}JOBS:${state}`,
  /** Those that no worker has, by priority and then by age. */
  jobsWaiting: `${OURS}JOBS:WAITING`,
  /** Those that a worker has, by when its claim ends. */
  jobsClaimed: `${OURS}JOBS:CLAIMED`,
  job: (id: number | string) => `${OURS}JOB:${id}`,
  batch: (job: number | string) => `${OURS}BATCH:${job}`,
  archives: `${OURS}ARCHIVES`,
  archiveFiles: `${OURS}ARCHIVES:FILES`,
  archiveOrder: `${OURS}ARCHIVES:ORDER`,
  known: (library: string) => `${OURS}KNOWN:${library}`,
  keys: `${OURS}KEYS`,
  firstKey: `${OURS}KEYS:FIRST`,
  keyNames: `${OURS}KEYS:NAMES`,
  keyUses: `${OURS}KEYS:USED`,
  history: `${OURS}HISTORY`,
  events: `${OURS}EVENTS`,
  /** Tells the events of this store from those of another, or of this one before it lost everything. */
  eventsRun: `${OURS}EVENTS:RUN`,
  cache: (owner: string) => `${OURS}CACHE:${upper(owner)}`,
  /** The topics that have changed, each with the number of its last change. */
  changes: `${OURS}CHANGES`,
  /** Of each of the last changes, by which place of a ring it has, its number and its mark. */
  revisions: `${OURS}REVISIONS`,
  /** The nodes by when they were last heard of, and what each said of itself. */
  nodes: `${OURS}NODES`,
  nodeStates: `${OURS}NODES:STATE`,
  /** A channel; those of all databases are one. */
  changed: `${OURS}CHANGED`,
  requests: (namespace: Namespace) => `${OURS}REQUESTS:${upper(namespace)}`,
  /** Stands as long as nobody may take the next turn of something. */
  turn: (key: string) => `${OURS}TURN:${key}`,
  lock: (key: string) => `${OURS}LOCK:${key}`,
} as const;

const LIVING: readonly string[] = [
  names.store,
  names.transfer,
  names.counts,
  names.events,
  names.eventsRun,
  names.changes,
  names.revisions,
  names.nodes,
  names.nodeStates,
  names.unrecorded,
];

/** Whether a key of ours is about the servers on the database and not about what they remember. */
export const isLiving = (key: string): boolean =>
  LIVING.includes(key) ||
  [names.lock(""), names.turn(""), names.artifact(""), names.incoming("")].some((begin) =>
    key.startsWith(begin),
  );

/** The namespace that a key of either half of a plugin record is of; undefined for any other key. */
export const namespaceOf = (key: string): Namespace | undefined => {
  const prefix = [PLUGIN, OUR_PLUGIN].find((begin) => key.startsWith(begin));
  return prefix && toNamespace(key.slice(prefix.length));
};
