import {
  batchOutcomes,
  CredentialKind,
  cleanText,
  JobState,
  LeaveReason,
  logLevels,
  type Namespace,
  PluginType,
  Provider,
  toNamespace,
} from "@hitagi/contract";
import fc from "fast-check";
import { normalChoices } from "../../src/store/contract/plugin-updates.ts";
import { recordKinds, type StorePort, type StreamRecords } from "../../src/store/contract/record-streams.ts";

/** The accepted state of a signed registry whose registries were removed, and the pin that one left. */
const fingerprint = "ab".repeat(32);
const acceptedState = {
  ...{ fingerprint, origin: "example.org/plugins", head: "hitagi-head/v1\n", epoch: 1, sequence: 42 },
  ...{ linked: true, since: 1, epochSince: 1, accepted: 2, before: 1, revision: 7 },
  evidence: [{ code: "HEAD_FORKED", found: 2, accepted: "one\n", other: "two\n" }],
};
const keptPin = { registry: "REG_0000000001", fingerprint, origin: "example.org/plugins", since: 1 };

/** What a store may hold, in the order in which it is put. */
export type Contents = { [K in keyof StreamRecords]: StreamRecords[K][] };

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }).map((s) => s.replaceAll("\0", "")),
  fc.constantFrom("", "日本 第1巻", "0", "'; DROP", "\ud800 alone", "__proto__", "a\nb"),
);
const word = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const namespace = word.map(toNamespace);
const whole = fc.integer({ min: 0, max: 2_000_000_000 });
const time = whole.map((n) => n + 0.125);
const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const json = fc.jsonValue({ maxDepth: 2 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const many = <T>(value: fc.Arbitrary<T>, key: (one: T) => unknown, max = 8) =>
  fc.uniqueArray(value, { selector: key, maxLength: max });

const registryId = fc
  .integer({ min: 2, max: 9_999_999_999 })
  .map((n) => `REG_${String(n).padStart(10, "0")}`);

const registry = fc.record({
  id: registryId,
  // Names are cleaned before they are stored, and in Redis when they are read: LANraragi may have written them.
  name: text.map(cleanText),
  provider: oneOf(Provider.enum),
  url: maybe(fc.webUrl()),
  ref: maybe(word),
  path: maybe(word.map((s) => `/${s}`)),
  folder: maybe(word),
  lenient: maybe(fc.constant(true)),
  generateIndex: maybe(fc.constant(true)),
  failure: maybe(fc.record({ code: word, error: text, hint: text, at: whole })),
  moved: maybe(fc.webUrl()),
  created: whole,
  updated: whole,
  credential: maybe(fc.record({ kind: oneOf(CredentialKind.enum), secret: text.filter((s) => s !== "") })),
  default: fc.constant(false as boolean),
});

const indexOf = (id: string) =>
  fc.record({
    registry: fc.constant(id),
    meta: fc
      .record({
        generated_at: text,
        etag: maybe(text),
        lastModified: maybe(text),
        refreshed: whole,
        plugins: whole,
        skipped: maybe(fc.array(fc.record({ path: text, reason: text }), { minLength: 1, maxLength: 2 })),
      })
      .map((meta) => ({ ...meta, skippedCount: meta.skipped?.length })),
    document: fc.json().map((s) => Buffer.from(s)),
    rows: fc.array(
      fc.record({
        summary: fc.record({
          ...{ namespace, type: oneOf(PluginType.enum), version: word, name: text },
          ...{ author: text, description: text, published_at: text, versions: whole },
        }),
        ...{ start: whole, length: whole },
      }),
      { maxLength: 3 },
    ),
  });

const provenance = fc.record({
  path: fc
    .tuple(oneOf(["Managed", "Hitagi", "Sideloaded"]), word)
    .map(([folder, s]) => `${folder}/Metadata/${s}.ts`),
  version: word,
  registry: nullable(registryId),
  sha256,
  type: oneOf(PluginType.enum),
});
const permissions = fc.record({ net: fc.array(word, { maxLength: 2 }) }, { requiredKeys: [] });

const choices = fc
  .record(
    {
      hold: fc.record({ at: word, since: whole }),
      skipped: fc.uniqueArray(
        fc.record({ version: word, reason: fc.constant("skipped" as const), note: word, since: whole }),
        { selector: ({ version }) => version, minLength: 1, maxLength: 2 },
      ),
      automatic: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map(normalChoices);
const left = fc.record({ at: whole, reason: oneOf(LeaveReason.enum) });

const plugin = fc
  .record({
    namespace,
    type: maybe(oneOf(PluginType.enum)),
    provenance: maybe(provenance),
    settings: fc.dictionary(
      fc.oneof(word, fc.constantFrom("enabled", "type", "priority")),
      fc.oneof(text, fc.boolean(), fc.integer()),
      { maxKeys: 4 },
    ),
    ...{ enabled: fc.boolean(), hidden: fc.boolean(), priority: fc.integer() },
    granted: permissions,
    quarantine: maybe(fc.record({ reason: text, since: whole })),
    updates: choices,
    secret: fc.boolean(),
  })
  .map(({ secret, ...record }) => ({
    ...record,
    type: record.provenance?.type ?? record.type,
    secrets: Object.fromEntries(
      Object.keys(record.settings)
        .slice(0, secret ? 1 : 0)
        .map((name) => [name, "REG_1"]),
    ),
  }));

const version = (namespace: Namespace) =>
  fc.record({
    ...{ namespace: fc.constant(namespace), version: word, sha256, registry: nullable(registryId) },
    ...{ installed: whole, path: word, type: oneOf(PluginType.enum), granted: permissions },
    left: maybe(left),
  });

const job = fc
  .record({
    id: fc.integer({ min: 1, max: 1_000_000 }),
    task: word,
    args: fc.array(json, { maxLength: 2 }),
    actor: fc.record({ kind: fc.constant("server" as const), key: fc.constant(null) }),
    state: oneOf(JobState.enum),
    priority: fc.integer({ min: -100, max: 100 }),
    notes: fc.dictionary(word, text, { maxKeys: 3 }),
    isOnce: fc.boolean(),
    error: nullable(text),
    result: json,
    ...{ attempts: whole, retries: whole, created: time, started: nullable(time), finished: nullable(time) },
  })
  .map(({ isOnce, ...fields }) => ({ ...fields, ...(isOnce && { once: `run of job ${fields.id}` }) }));

const texts = fc.record({ title: text, tags: text, summary: text });
const itemOf = fc.record({
  archive: fc.stringMatching(/^[0-9a-f]{8}$/),
  outcome: oneOf(batchOutcomes),
  before: nullable(texts),
  after: nullable(texts),
  errors: fc.array(fc.record({ plugin: nullable(word), code: word, message: text }), { maxLength: 1 }),
});

const archive = fc.record({
  ...{ id: fc.stringMatching(/^[0-9a-f]{10}$/), title: text, tags: text, summary: text },
  ...{ size: whole, pages: whole, added: whole, modified: maybe(whole) },
});

const rest = {
  keys: many(
    fc.record({
      ...{ id: word, scope: fc.constantFrom("read" as const, "use" as const, "manage" as const) },
      ...{ hash: sha256, created: whole, expires: nullable(whole), lastUsed: nullable(whole) },
    }),
    ({ id }) => id,
  ),
  history: many(
    fc.record({
      ...{ id: fc.integer({ min: 1, max: 1_000_000 }), time, action: word, outcome: word, ms: whole },
      actor: fc.record({ kind: fc.constant("api" as const), key: nullable(text) }),
      subject: nullable(fc.record({ kind: fc.constant("plugin" as const), id: text })),
      job: nullable(whole),
    }),
    ({ id }) => id,
  ),
  pluginLogs: many(
    fc.record({
      ...{
        plugin: oneOf(["a", "b-1", "c_2"] as Namespace[]),
        id: fc.integer({ min: 1, max: 1_000_000 }),
        time,
        text,
      },
      ...{ level: oneOf(logLevels), call: nullable(word), job: nullable(whole), node: word },
      archive: nullable(fc.record({ id: word, title: text })),
    }),
    ({ plugin, id }) => `${plugin} ${id}`,
  ),
  cache: many(
    fc.record({ namespace: oneOf(["a", "b-1", "c_2"]), key: text, value: text, expires: time }),
    ({ namespace, key }) => `${namespace} ${Buffer.from(key)}`,
    20,
  ),
  categories: many(
    fc.record({
      ...{
        id: whole.map((n) => `SET_${String(n).padStart(10, "0")}`),
        name: text,
        search: text,
        pinned: fc.boolean(),
      },
      ...{ archives: fc.array(text, { maxLength: 3 }), bookmarked: whole, revision: whole.map((n) => n + 1) },
    }),
    ({ id }) => id,
  ).map((all) => all.sort((a, b) => (a.id < b.id ? -1 : 1))),
  documents: many(
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/),
      value: json,
      revision: whole.map((n) => n + 1),
    }),
    ({ name }) => name,
  ).map((all) => all.sort((a, b) => (a.name < b.name ? -1 : 1))),
  known: many(
    fc.record({ library: oneOf(["one", "http://two/"]), id: fc.stringMatching(/^[0-9a-f]{0,10}$/) }),
    ({ library, id }) => `${library} ${id}`,
    20,
  ),
};

const chainAll = <T, U>(from: readonly T[], make: (one: T) => fc.Arbitrary<U>): fc.Arbitrary<U[]> =>
  fc.tuple(...from.map(make)) as fc.Arbitrary<U[]>;

/** Any contents of a store whose references are consistent. */
export const contents: fc.Arbitrary<Contents> = fc
  .record({
    registries: many(registry, ({ id }) => id, 4).map((all) => all.sort((a, b) => a.created - b.created)),
    extra: many(registryId, (id) => id, 3),
    plugins: many(plugin, ({ namespace }) => namespace, 6),
    jobs: many(job, ({ id }) => id).map((all) => all.sort((a, b) => a.id - b.id)),
    archives: many(archive, ({ id }) => id, 12),
    ...rest,
  })
  .chain((made) =>
    fc
      .record({
        indexes: chainAll(made.registries.slice(0, 2), ({ id }) => indexOf(id)),
        versions: chainAll(made.plugins.slice(0, 3), ({ namespace }) =>
          many(version(namespace), (one) => one.sha256, 3),
        ),
        batches: chainAll(made.jobs.slice(0, 3), ({ id }) =>
          many(itemOf, ({ archive }) => archive, 9).map((items) => items.map((item) => ({ job: id, item }))),
        ),
        seen: chainAll(made.registries.slice(0, 2), ({ id }) =>
          fc.record({ registry: fc.constant(id), lines: word.map(Buffer.from) }),
        ),
        original: fc.boolean(),
      })
      .map(({ indexes, seen, versions, batches, original }): Contents => {
        const {
          registries,
          plugins,
          extra,
          archives,
          keys,
          history,
          pluginLogs,
          cache,
          known,
          categories,
          documents,
          jobs,
        } = made;
        const [first] = registries;
        if (first) first.default = true;
        const originals = original ? [...registries.slice(0, 1), ...registries.slice(3)] : [];
        return {
          registryIds: [...new Set([...extra, ...registries.map(({ id }) => id)])]
            .sort()
            .map((id) => ({ id })),
          registries,
          indexes: indexes.sort((a, b) => (a.registry < b.registry ? -1 : 1)),
          trust: [acceptedState],
          pins: [keptPin],
          seenVersions: seen.sort((a, b) => (a.registry < b.registry ? -1 : 1)),
          originals: originals.map(({ id }) => ({ registry: id, document: Buffer.from(`other ${id}`) })),
          plugins,
          versions: versions.flat(),
          jobs,
          batches: batches.flat(),
          archives: archives.map((one, n) => ({ ...one, file: `${n} ${one.id}.cbz` })),
          known,
          categories,
          documents,
          keys: keys.map((one, n) => ({ ...one, name: `${n}` })).sort((a, b) => a.created - b.created),
          history: history.sort((a, b) => a.id - b.id),
          pluginLogs: pluginLogs.sort((a, b) =>
            a.plugin < b.plugin ? -1 : Number(a.plugin > b.plugin) || a.id - b.id,
          ),
          cache: cache.sort((a, b) => (a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace))),
          foreign: [
            ...registries.map(({ id }) => ({ key: id, field: "theirs", value: "日本" })),
            ...plugins.map(({ namespace }) => ({
              key: `LRR_PLUGIN_${namespace.toUpperCase()}`,
              field: "customargs",
              value: '["a"]',
            })),
          ],
          counters: [
            { name: "history", value: 1_000_001 },
            { name: "job", value: 1_000_002 },
          ],
        };
      }),
  );

const putKind = <K extends keyof Contents>(side: StorePort, kind: K, all: Contents): Promise<void> =>
  all[kind].length > 0 ? side.kinds[kind].put(all[kind]) : Promise.resolve();

/** Puts everything into a store. */
export const fill = async (side: StorePort, all: Contents): Promise<void> => {
  for (const kind of recordKinds) await putKind(side, kind, all);
};
