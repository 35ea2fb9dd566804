import type {
  InstalledPlugin,
  LockedHead,
  LockedPlugin,
  Namespace,
  Permissions,
  Registry,
  Setting,
  UpdateChoices,
} from "@hitagi/contract";
import { verifyHead } from "@hitagi/trust";
import type { TrustDecisions } from "../catalog/trust/trust-decisions.ts";
import type { Registries } from "../catalog/types.ts";
import type { Documents } from "../documents/documents.ts";
import type { Plugins } from "../plugins/types.ts";
import { hasOpenNetwork } from "../runtimes/broker/grants.ts";
import { readConditions } from "./chain-conditions.ts";

export interface CurrentSetDeps {
  registries: Pick<Registries, "list">;
  decisions: Pick<TrustDecisions, "head">;
  plugins: Pick<Plugins, "records" | "settings">;
  documents: Pick<Documents, "read">;
}

/** An installed plugin in the form of lock files, with the id of its registry in place of a name. */
export interface CurrentPlugin {
  namespace: Namespace;
  /** Null if it is of no registry, or of one that is gone. */
  registry: string | null;
  locked: LockedPlugin;
  record: InstalledPlugin;
}

/** What is configured and installed. */
export interface CurrentSet {
  registries: readonly Registry[];
  plugins: ReadonlyMap<string, CurrentPlugin>;
}

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** Permissions in one form: the order of hosts and files has no meaning. */
export const normalPermissions = ({ net, library, files }: Permissions): Permissions => ({
  ...(net && { net: sorted(net) }),
  ...(library && { library }),
  ...(files && files.length > 0 && { files: sorted(files) }),
});

const byKey = <T>(entries: readonly (readonly [string, T])[]): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

const lockedChoices = ({ automatic, hold, skipped = [] }: UpdateChoices) => ({
  ...(automatic !== undefined && { automatic }),
  ...(hold && { hold: { at: hold.at, ...(hold.note !== undefined && { note: hold.note }) } }),
  ...(skipped.length > 0 && {
    skipped: skipped.map(({ version, reason, note }) => ({
      ...{ version, reason },
      ...(note !== undefined && { note }),
    })),
  }),
});

/** An installed plugin in the form of lock files, without its registry. Secrets are only named. */
const lockedPlugin = (
  record: InstalledPlugin,
  settings: readonly Setting[],
  chain: LockedPlugin["chain"],
): LockedPlugin => {
  const { origin, version, sha256, enabled, hidden, priority, updates = {} } = record;
  const { net, ...granted } = normalPermissions(record.granted);
  // Only a plugin with an open network tells no hosts from all hosts.
  const hosts = net && (net.length > 0 || hasOpenNetwork(record)) ? { net } : {};
  const isSet = settings.filter((one) => one.set);
  const secrets = isSet.filter(({ value }) => value === undefined).map(({ name }) => name);
  const values = isSet.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  return {
    origin,
    ...(origin !== "builtin" && { version, ...(sha256 !== null && { sha256 }) }),
    granted: { ...hosts, ...granted },
    ...(enabled !== undefined && { enabled, hidden: hidden ?? false, priority: priority ?? 0 }),
    ...(chain && { chain }),
    ...lockedChoices(updates),
    settings: byKey(values),
    ...(secrets.length > 0 && { secrets: secrets.sort() }),
  };
};

/** Reads the configured registries and the installed plugins. */
export const readCurrentSet = async ({
  registries,
  plugins,
  documents,
}: CurrentSetDeps): Promise<CurrentSet> => {
  const configured = await registries.list();
  const conditions = await readConditions(documents);
  const ids = new Set(configured.map(({ id }) => id));
  const records = (await plugins.records()).sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  const installed = await Promise.all(
    records.map(async (record): Promise<CurrentPlugin> => {
      const { namespace, registry } = record;
      const locked = lockedPlugin(record, await plugins.settings(namespace), conditions.get(namespace));
      return {
        namespace,
        registry: registry !== null && ids.has(registry) ? registry : null,
        locked,
        record,
      };
    }),
  );
  return {
    registries: configured,
    plugins: new Map(installed.map((plugin) => [plugin.namespace, plugin])),
  };
};

/** The accepted head of a registry; undefined if none is. @throws HitagiError HEAD_INVALID if what the store has does not verify */
export const acceptedHead = async (
  { decisions }: Pick<CurrentSetDeps, "decisions">,
  { id, trust }: Registry,
): Promise<(LockedHead & { previous: readonly { sequence: number; sha256: string }[] }) | undefined> => {
  if (trust?.sequence === undefined) return undefined;
  const { epoch, sequence, sha256, previous } = verifyHead(Buffer.from(await decisions.head(id)));
  return { epoch, sequence, sha256, previous };
};
