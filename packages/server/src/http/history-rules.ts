import {
  type Api,
  FIRST_KEY,
  type HistoryDetails,
  type Input,
  type OperationId,
  type Output,
  type Subject,
  type SubjectKind,
  toNamespace,
} from "@hitagi/contract";

/** The operations that may change something. */
type Changing = { [O in OperationId]: Api[O]["method"] extends "GET" ? never : O }[OperationId];

/** A request with its response, which is undefined where it failed. */
type Exchange<O extends OperationId> = Omit<Input<O>, "file" | "filename" | "signal"> & {
  response: Output<O> | undefined;
};

export interface HistoryRule<O extends OperationId = OperationId> {
  /** The subject of a request; null where it has none. */
  subject(exchange: Exchange<O>): Subject | null;
  /** What is known of the change beside its subject. */
  details?(exchange: Exchange<O>): HistoryDetails | undefined;
  /** Whether the effect is recorded elsewhere, such as by its job. Then only a failed request is recorded. */
  recordedElsewhere?: true;
}

/** Changes nothing, so it is not recorded. */
const READ_ONLY = "read-only";

const MAX_ID = 512;

/** Invalid requests are recorded too, so an id may have any type here. */
const subjectOf = (kind: SubjectKind, id: unknown): Subject | null => {
  const isId = (typeof id === "string" && id !== "") || typeof id === "number";
  return isId ? { kind, id: String(id).slice(0, MAX_ID) } : null;
};

const plugin = (namespace: unknown): Subject | null =>
  subjectOf("plugin", typeof namespace === "string" ? toNamespace(namespace) : undefined);

const inPath = (kind: SubjectKind) => ({
  subject: ({ params }: { params: { id: string | number } }) => subjectOf(kind, params.id),
});
const registryInPath = inPath("registry");
const categoryInPath = inPath("category");
const archiveInPath = inPath("archive");
const scheduleInPath = inPath("schedule");
const pluginInPath = { subject: ({ params }: { params: { namespace: string } }) => plugin(params.namespace) };

/** Settings by name. A failed request may have invalid names, so they are left out. */
const settings = (namespace: string, names: string[], response: unknown): Subject | null =>
  subjectOf("setting", response ? `${toNamespace(namespace)}: ${names.join(", ")}` : toNamespace(namespace));

/** The version of a plugin before and after a change. */
const changeOf = ({
  namespace,
  from,
  version,
}: {
  namespace: string;
  from?: string | null;
  version: string;
}) => ({ namespace, ...(from !== undefined && { from }), to: version });

/** The rules of all operations but GET. No subject may be a secret: setting value, key, address, argument. */
const rules: { [O in Changing]: HistoryRule<O> | typeof READ_ONLY } = {
  createRegistry: { subject: ({ response }) => subjectOf("registry", response?.id) },
  updateRegistry: registryInPath,
  deleteRegistry: registryInPath,
  refreshRegistry: registryInPath,
  refreshRegistries: { subject: () => null, recordedElsewhere: true },
  testRegistry: READ_ONLY,
  readRegistryKeys: READ_ONLY,
  trustRegistry: registryInPath,
  moveRegistry: registryInPath,
  compareHead: READ_ONLY,
  updateSignaturePolicy: { subject: () => subjectOf("policy", "signatures") },
  setDefaultRegistry: registryInPath,
  clearDefaultRegistry: { subject: ({ response }) => subjectOf("registry", response?.id) },

  planSync: READ_ONLY,
  syncSet: { subject: () => null, recordedElsewhere: true },
  planMirror: READ_ONLY,

  previewInstall: READ_ONLY,
  previewUpgrade: READ_ONLY,
  verifyPlugins: READ_ONLY,
  installPlugin: { subject: ({ body }) => plugin(body.namespace), recordedElsewhere: true },
  upgradePlugins: {
    subject: ({ body }) => plugin(Array.isArray(body.namespaces) ? body.namespaces.join(",") : undefined),
    recordedElsewhere: true,
  },
  sideloadPlugin: {
    subject: ({ response }) => plugin(response?.namespace),
    details: ({ response }) => response && { plugins: [changeOf(response)] },
  },
  /** Its route handler notes the version that was removed. */
  uninstallPlugin: pluginInPath,
  rollbackPlugin: {
    ...pluginInPath,
    details: ({ response }) => response && { plugins: [changeOf(response)] },
  },
  reinstallPlugin: {
    ...pluginInPath,
    details: ({ response }) => response && { plugins: [changeOf({ ...response, from: response.version })] },
  },
  moveToSideloaded: {
    ...pluginInPath,
    details: ({ response }) => response && { plugins: [changeOf(response)] },
  },
  addBlockList: { subject: ({ body }) => subjectOf("policy", `blocks: ${body.name}`) },
  removeBlockList: { subject: ({ params }) => subjectOf("policy", `blocks: ${params.name}`) },
  refreshBlockLists: { subject: () => subjectOf("policy", "blocks") },
  allowBlockedPlugin: pluginInPath,
  disallowBlockedPlugin: pluginInPath,
  changeInstallPolicy: { subject: () => subjectOf("policy", "installs") },
  changeUpdatePolicy: { subject: () => subjectOf("policy", "updates") },
  holdPlugin: pluginInPath,
  unholdPlugin: pluginInPath,
  skipVersion: pluginInPath,
  unskipVersion: pluginInPath,
  grantPermissions: pluginInPath,
  configurePlugin: pluginInPath,
  putSettings: {
    subject: ({ params, body, response }) => settings(params.namespace, Object.keys(body), response),
  },
  updateFieldPolicy: { subject: () => subjectOf("policy", "fields") },
  updateTagRules: { subject: () => subjectOf("policy", "tags") },
  tryTagRules: READ_ONLY,
  previewTagRules: READ_ONLY,
  examineServer: READ_ONLY,
  applyTagRules: { subject: () => subjectOf("policy", "tags"), recordedElsewhere: true },
  savePluginForm: { subject: ({ response }) => subjectOf("setting", response?.plugins.join(", ")) },
  /** Its route handler records the use of plugins that may change the library. */
  usePlugin: READ_ONLY,
  countSources: READ_ONLY,
  tryChain: READ_ONLY,
  putChain: { subject: () => subjectOf("policy", "chain") },
  queuePlugin: {
    subject: ({ query, body }) => plugin(body?.plugin ?? query.plugin),
    recordedElsewhere: true,
  },
  previewBatch: READ_ONLY,
  startBatch: { subject: ({ body }) => plugin(body.plugin), recordedElsewhere: true },
  retryBatch: { subject: ({ params }) => subjectOf("job", params.job), recordedElsewhere: true },
  pauseBatch: { subject: ({ params }) => subjectOf("job", params.job) },
  resumeBatch: { subject: ({ params }) => subjectOf("job", params.job) },
  undoBatch: { subject: ({ params }) => subjectOf("job", params.job), recordedElsewhere: true },

  uploadArchive: { subject: ({ response }) => subjectOf("archive", response?.id) },
  putArchiveMetadata: archiveInPath,
  deleteArchive: archiveInPath,
  createCategory: { subject: ({ response }) => subjectOf("category", response?.category_id) },
  updateCategory: categoryInPath,
  deleteCategory: categoryInPath,
  addToCategory: categoryInPath,
  removeFromCategory: categoryInPath,
  updateBookmarkLink: categoryInPath,
  removeBookmarkLink: { subject: ({ response }) => subjectOf("category", response?.category_id) },
  downloadUrl: { subject: () => null, recordedElsewhere: true },

  createReceiver: { subject: ({ body }) => subjectOf("receiver", body.name) },
  updateReceiver: { subject: ({ params }) => subjectOf("receiver", params.name) },
  testReceiver: { subject: ({ params }) => subjectOf("receiver", params.name) },
  deleteReceiver: { subject: ({ params }) => subjectOf("receiver", params.name) },

  createSchedule: {
    subject: ({ response }) => subjectOf("schedule", response?.schedule.id),
    details: ({ response }) => response && { name: response.schedule.title },
  },
  updateSchedule: {
    ...scheduleInPath,
    details: ({ response }) => response && { name: response.schedule.title },
  },
  runSchedule: { ...scheduleInPath, recordedElsewhere: true },
  /** Its route handler notes what it was. */
  deleteSchedule: scheduleInPath,

  retryJob: { subject: ({ params }) => subjectOf("job", params.job), recordedElsewhere: true },
  cancelJob: { subject: ({ params }) => subjectOf("job", params.job) },
  signIn: { subject: ({ response }) => subjectOf("key", response?.session?.key) },
  signOut: { subject: () => null },
  acceptInvite: { subject: ({ response }) => subjectOf("key", response?.session?.key) },
  createInvite: { subject: () => null },
  endSession: { subject: () => null },
  rotateKey: { subject: () => subjectOf("key", FIRST_KEY) },
  createKey: { subject: ({ body }) => subjectOf("key", body.name) },
  makeBackup: { subject: () => null },
  uploadBackup: { subject: () => null },
  confirmRestore: { subject: () => null },
  undoRestore: { subject: () => null },
  cancelRestore: { subject: () => null },
  discardSetAside: { subject: () => null },
  revokeKey: { subject: ({ params }) => subjectOf("key", params.name) },
};

/** The rule of an operation; undefined for one that only reads. */
export const historyRuleOf = (id: OperationId): HistoryRule | undefined => {
  const rule = (rules as Partial<Record<OperationId, HistoryRule | typeof READ_ONLY>>)[id];
  return rule === READ_ONLY ? undefined : rule;
};
