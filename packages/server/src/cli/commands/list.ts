import {
  describeWithdrawn,
  type InstalledPlugin,
  PluginType,
  quarantineRemedy,
  quoteText,
  type Verified,
  type Withdrawn,
} from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { registryText } from "../format.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { leftText } from "./rollback.ts";

/** An installed plugin, and whether its version is no longer offered. */
type ListedPlugin = InstalledPlugin & { withdrawn: Withdrawn | null };

/** Lines about installed versions that are no longer offered. */
export const withdrawnLines = (withdrawn: readonly Withdrawn[]): string[] =>
  withdrawn.flatMap((one) => {
    const { text, hint } = describeWithdrawn(one);
    return [`${one.namespace}: ${text}`, `hint: ${hint}`];
  });

const stateOf = (p: InstalledPlugin): string => {
  if (p.health.state !== "ok") return p.health.state;
  if (p.type !== "metadata") return "ok";
  return p.enabled ? "enabled" : "disabled";
};

/** Lines about plugins in quarantine: changed, blocked, withdrawn, yanked, or failed too often. */
export const setAsideLines = (plugins: readonly InstalledPlugin[]): string[] =>
  plugins.flatMap(({ namespace, health: { state, cause, reason = "" }, trust }) =>
    state === "quarantined"
      ? [
          `${namespace} is quarantined: ${quoteText(cause === undefined ? reason : trust.reason)}`,
          `hint: ${quarantineRemedy(cause, namespace)}`,
        ]
      : [],
  );

const listAll = async (session: Session, type: PluginType | undefined): Promise<void> => {
  const { plugins } = await session.client.listInstalled({});
  const { withdrawn } = await session.client.listUpdates({});
  const columns: Columns<ListedPlugin> = {
    NAMESPACE: "namespace",
    TYPE: "type",
    VERSION: "version",
    TRUST: ({ trust }) => trust.state,
    STATE: stateOf,
    FROM: (p) => registryText(p) ?? p.origin,
    NAME: "name",
  };
  const wanted = plugins
    .filter((p) => type === undefined || p.type === type)
    .map((p) => ({ ...p, withdrawn: withdrawn.find(({ namespace }) => namespace === p.namespace) ?? null }));
  session.printTable(wanted, columns, "No plugins are installed.");
  session.say(setAsideLines(wanted));
  session.say(withdrawnLines(wanted.flatMap((p) => p.withdrawn ?? [])));
};

const versionColumns: Columns<InstalledPlugin["versions"][number]> = {
  VERSION: "version",
  CURRENT: "current",
  INSTALLED: (v) => minuteText(v.installed),
  LEFT: leftText,
  "SHA-256": "sha256",
};

const listVersions = async (session: Session, namespace: string): Promise<void> => {
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  session.print(plugin, ({ versions, version }) =>
    versions.length > 0
      ? table(session.io, versionColumns, versions)
      : `${plugin.namespace} ${version}; no other version is kept.`,
  );
};

const list = (session: Session, namespace: string | undefined, options: { type?: PluginType }) =>
  namespace === undefined ? listAll(session, options.type) : listVersions(session, namespace);

const fileColumns: Columns<Verified> = { NAMESPACE: "namespace", STATE: "state", FILE: "path" };

const verify = async (session: Session): Promise<void> => {
  const { files } = await session.client.verifyPlugins({});
  session.printTable(files, fileColumns, "No files to verify.");
  const wrong = files.filter((f) => f.state !== "ok");
  if (wrong.length === 0) return;
  const names = wrong.map((f) => `${f.namespace} (${f.state})`).join(", ");
  throw new CommandFailed(
    `Files differ from their records: ${names}.`,
    "Reinstall or roll back these plugins, and find out what changed their files.",
  );
};

/** `hitagi list` and `hitagi verify`: the installed plugins. */
export const listCommands = (program: CliCommand): void => {
  program
    .remote("list [namespace]", "List the installed plugins, or the kept versions of one.")
    .examples("hitagi list --type metadata", "hitagi list title-cleaner")
    .choice("--type <type>", "only plugins of this type", PluginType.enum)
    .runRemote(list);
  program
    .remote("verify", "Compare every installed file with its record. Fails if one differs.")
    .examples("hitagi verify")
    .runRemote(verify);
};
