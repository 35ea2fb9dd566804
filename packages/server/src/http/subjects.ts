import {
  type Api,
  FIRST_KEY,
  type Input,
  type OperationId,
  type Output,
  type Subject,
  type SubjectKind,
  toNamespace,
} from "@hitagi/contract";

/** The calls that may change something. */
type Changing = { [O in OperationId]: Api[O]["method"] extends "GET" ? never : O }[OperationId];

/** A call with its answer, which is undefined where it failed. */
type Answered<O extends OperationId> = Omit<Input<O>, "file" | "filename" | "signal"> & {
  answer: Output<O> | undefined;
};

interface Recorded<O extends OperationId> {
  /** What the call is about; null where nobody can say. */
  subject(call: Answered<O>): Subject | null;
  /**
   * Whether what it does is recorded elsewhere: a job when it ends, each of many registries by itself. The call is then
   * recorded only where it failed.
   */
  elsewhere?: true;
}

/** Nothing is changed, so nothing is recorded. */
const READS = "reads";

/** Characters of an id that are kept. */
const MAX_ID = 512;

/** What was refused as not valid is recorded too, so that nothing here relies on the types that the contract names. */
const about = (kind: SubjectKind, id: unknown): Subject | null => {
  const known = (typeof id === "string" && id !== "") || typeof id === "number";
  return known ? { kind, id: String(id).slice(0, MAX_ID) } : null;
};

const plugin = (namespace: unknown): Subject | null =>
  about("plugin", typeof namespace === "string" ? toNamespace(namespace) : undefined);

const registryInPath = { subject: ({ params }: { params: { id: string } }) => about("registry", params.id) };
const archiveInPath = { subject: ({ params }: { params: { id: string } }) => about("archive", params.id) };
const pluginInPath = { subject: ({ params }: { params: { namespace: string } }) => plugin(params.namespace) };

/** Settings by their names. What failed may hold names that are none, so that they stay out. */
const settings = (namespace: string, names: string[], answer: unknown): Subject | null =>
  about("setting", answer ? `${toNamespace(namespace)}: ${names.join(", ")}` : toNamespace(namespace));

/**
 * What each call that is not a GET does it to, or that it changes nothing. A call without a row does not compile. No
 * row may name a value that is a secret: no setting's value, no key, no address of a download, no one-shot argument.
 */
export const subjects: { [O in Changing]: Recorded<O> | typeof READS } = {
  createRegistry: { subject: ({ answer }) => about("registry", answer?.id) },
  updateRegistry: registryInPath,
  deleteRegistry: registryInPath,
  refreshRegistry: registryInPath,
  refreshRegistries: { subject: () => null, elsewhere: true },
  testRegistry: READS,
  setDefaultRegistry: registryInPath,
  clearDefaultRegistry: { subject: ({ answer }) => about("registry", answer?.id) },

  previewInstall: READS,
  verifyPlugins: READS,
  installPlugin: { subject: ({ body }) => plugin(body.namespace), elsewhere: true },
  upgradePlugins: {
    subject: ({ body }) => plugin(Array.isArray(body.namespaces) ? body.namespaces.join(",") : undefined),
    elsewhere: true,
  },
  sideloadPlugin: { subject: ({ answer }) => plugin(answer?.namespace) },
  uninstallPlugin: pluginInPath,
  rollbackPlugin: pluginInPath,
  grantPermissions: pluginInPath,
  configurePlugin: pluginInPath,
  putSettings: {
    subject: ({ params, body, answer }) => settings(params.namespace, Object.keys(body), answer),
  },
  savePluginForm: { subject: ({ answer }) => about("setting", answer?.plugins.join(", ")) },
  /** Where the plugin may change the library, its handler records it. */
  usePlugin: READS,
  queuePlugin: { subject: ({ query }) => plugin(query.plugin), elsewhere: true },
  startBatch: { subject: ({ body }) => plugin(body.plugin), elsewhere: true },
  undoBatch: { subject: ({ params }) => about("job", params.job), elsewhere: true },

  uploadArchive: { subject: ({ answer }) => about("archive", answer?.id) },
  putArchiveMetadata: archiveInPath,
  deleteArchive: archiveInPath,
  downloadUrl: { subject: () => null, elsewhere: true },

  cancelJob: { subject: ({ params }) => about("job", params.job) },
  rotateKey: { subject: () => about("key", FIRST_KEY) },
  createKey: { subject: ({ body }) => about("key", body.name) },
  makeBackup: { subject: () => null },
  revokeKey: { subject: ({ params }) => about("key", params.name) },
};

/** The row of a call; undefined for calls that only read. */
export const recordedCall = (id: OperationId): Recorded<OperationId> | undefined => {
  const row = (subjects as Partial<Record<OperationId, Recorded<OperationId> | typeof READS>>)[id];
  return row === READS ? undefined : row;
};
