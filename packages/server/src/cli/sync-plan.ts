import type {
  ErrorReport,
  LockedPlugin,
  Permissions,
  SkippedVersion,
  SyncedField,
  SyncedPlugin,
  SyncedPolicy,
  SyncedRegistry,
  SyncPlan,
} from "@hitagi/contract";
import { warningText } from "./commands/install.ts";
import { failureText } from "./failure.ts";
import { permissionTexts } from "./format.ts";
import type { Io } from "./io.ts";
import type { ColouredLine } from "./safe-text.ts";
import { type Columns, table } from "./table.ts";

/** The accepted head beside the one that it must not be below. */
const headText = ({ locked, accepted }: SyncedRegistry): string | null => {
  if (locked === null) return null;
  return accepted ? `${accepted.sequence}, locked ${locked.sequence}` : `${locked.sequence} or later`;
};

const registryColumns: Columns<SyncedRegistry> = {
  REGISTRY: "name",
  STATE: ({ id, conflicts }) => (conflicts.length > 0 ? "refused" : id === null ? "is added" : "is here"),
  HEAD: headText,
  KEY: ({ fingerprint }) => fingerprint && `${fingerprint.slice(0, 16)}…`,
  ADDRESS: "address",
};

/** The fields of a plugin in the words of the commands that set them. */
const NAMES: Readonly<Record<SyncedField["field"], string>> = {
  granted: "permissions",
  enabled: "enabled",
  hidden: "hidden",
  priority: "priority",
  chain: "conditions in the chain",
  automatic: "automatic updates",
  hold: "held at",
  skipped: "skipped versions",
  setting: "setting",
};

const pluginColumns: Columns<SyncedPlugin> = {
  PLUGIN: "namespace",
  ACTION: ({ action, conflicts }) => (conflicts.length > 0 ? `refused: ${action}` : action),
  FROM: "from",
  TO: "to",
  REGISTRY: "registry",
};

/** The value of a field in words. @param json null for none */
const valueText = (field: SyncedField["field"], json: string | null): string => {
  if (json === null) return "none";
  const value: unknown = JSON.parse(json);
  if (field === "granted") return permissionTexts(value as Permissions).join(", ") || "no permissions";
  if (field === "hold") {
    const { at, note } = value as NonNullable<LockedPlugin["hold"]>;
    return note === undefined ? at : `${at} (${note})`;
  }
  if (field === "skipped")
    return (value as SkippedVersion[]).map(({ version }) => version).join(", ") || "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return json;
};

const fieldText = (namespace: string, { field, name, from, to }: SyncedField): string =>
  `${namespace}: ${name ?? NAMES[field]}: ${valueText(field, from)} -> ${valueText(field, to)}`;

const POLICIES: Readonly<Record<SyncedPolicy["policy"], string>> = {
  fields: "field policy",
  tags: "tag rules",
};

const policyLines = ({ policy, removed, added }: SyncedPolicy): string[] => [
  ...removed.map((line) => `${POLICIES[policy]}: - ${line}`),
  ...added.map((line) => `${POLICIES[policy]}: + ${line}`),
];

const conflictLines = ({ conflicts }: { conflicts: readonly ErrorReport[] }): string[] =>
  conflicts.flatMap((one) => [`  ${failureText(one)}`, `  hint: ${one.hint}`]);

type Line = string | ColouredLine;

/** The plan as it is shown before it is carried out. */
export const planLines = (io: Io, { registries, plugins, policies, same, left }: SyncPlan): Line[] => {
  const shown = registries.filter(({ id, conflicts }) => id === null || conflicts.length > 0);
  const refused = [...registries, ...plugins].flatMap(conflictLines);
  // A single reason is the command's error.
  const reasons = refused.length > 2 ? ["", "Refused:", ...refused] : [];
  return [
    ...(shown.length > 0 ? [table(io, registryColumns, shown), ""] : []),
    ...(plugins.length > 0 ? [table(io, pluginColumns, plugins), ""] : []),
    ...plugins.flatMap(({ namespace, fields }) => fields.map((one) => fieldText(namespace, one))),
    ...policies.flatMap(policyLines),
    ...[...registries, ...plugins].flatMap(({ warnings }) => warnings.map(warningText)),
    ...(same > 0 ? [`${same} ${same === 1 ? "plugin is" : "plugins are"} as the lock file says.`] : []),
    ...(left.length > 0
      ? [
          `Not in the lock file, and left: ${left.map(({ namespace, version }) => `${namespace} ${version}`).join(", ")}. --prune removes ${left.length === 1 ? "it" : "them"}.`,
        ]
      : []),
    ...reasons,
  ].flat();
};
