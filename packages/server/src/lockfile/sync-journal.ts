import { LockedPlugin, LockedPolicies, type Namespace, PluginType, UpdateChoices } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { PluginRecord } from "../store/types.ts";
import type { CurrentPlugin } from "./current-set.ts";

/** A plugin before a sync changed it. It has no secret: a sync changes none. */
const PluginBefore = Type.Object({
  namespace: Type.String(),
  /** Null if it was not installed. */
  file: Type.Union([
    Type.Null(),
    Type.Object({
      ...{ path: Type.String(), version: Type.String(), sha256: Type.String(), type: PluginType },
      registry: Type.Union([Type.String(), Type.Null()]),
    }),
  ]),
  /** Null if it was not installed. */
  locked: Type.Union([Type.Null(), LockedPlugin]),
  /** What the sync makes of it; absent if it is removed, and in journals of earlier versions. */
  wanted: Type.Optional(LockedPlugin),
  updates: UpdateChoices,
  /** What its record had, also of an earlier install; null if it had none. */
  left: Type.Union([
    Type.Null(),
    Type.Object({
      ...{ enabled: Type.Boolean(), hidden: Type.Boolean(), priority: Type.Number() },
      settings: LockedPlugin.properties.settings,
    }),
  ]),
});
export type PluginBefore = Static<typeof PluginBefore>;

/** What a sync keeps before its first change, so that this run or the next one can undo all of it. */
const SyncJournal = Type.Object({
  /** The ids of the registries that it added. */
  added: Type.Array(Type.String()),
  plugins: Type.Array(PluginBefore),
  /** The rules before, and what the sync makes of them; absent where it leaves them. */
  policies: Type.Optional(Type.Object({ before: LockedPolicies, wanted: LockedPolicies })),
});
export type SyncJournal = Static<typeof SyncJournal>;

/** The journal that an interrupted run kept; an empty one if there is none. */
export const readJournal = (kept: unknown): SyncJournal =>
  Value.Check(SyncJournal, kept) ? kept : { added: [], plugins: [] };

const leftBy = ({ enabled, hidden, priority, settings, secrets }: PluginRecord): PluginBefore["left"] => {
  const values = Object.entries(settings).filter(([name]) => !Object.hasOwn(secrets, name));
  return { enabled, hidden, priority, settings: Object.fromEntries(values) };
};

/** A plugin as it is, for an undo. A builtin has no file that a sync could change. */
export const pluginBefore = (
  namespace: Namespace,
  plugin: CurrentPlugin | undefined,
  record: PluginRecord | undefined,
  wanted?: LockedPlugin,
): PluginBefore => {
  const { path, version, sha256, type, registry } = plugin?.record ?? {};
  const hasFile = path && version !== undefined && sha256 && type !== undefined;
  return {
    namespace,
    file: hasFile ? { path, version, sha256, type, registry: registry ?? null } : null,
    locked: plugin?.locked ?? null,
    ...(wanted && { wanted }),
    updates: record?.updates ?? {},
    left: record ? leftBy(record) : null,
  };
};
