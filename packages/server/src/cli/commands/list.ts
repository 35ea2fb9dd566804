import type { InstalledPlugin, PluginType, Verified } from "@hitagi/contract";
import type { Command } from "commander";
import { serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { registryNames } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { minuteText } from "../time.ts";
import { typeOption } from "./search.ts";

const stateOf = (p: InstalledPlugin): string => {
  if (p.health.state !== "ok") return p.health.state;
  if (p.type !== "metadata") return "ok";
  return p.enabled ? "enabled" : "disabled";
};

const listAll = async (session: Session, type: PluginType | undefined): Promise<void> => {
  const { plugins } = await session.client.listInstalled({});
  const wanted = plugins.filter((p) => type === undefined || p.type === type);
  const nameOf = await registryNames(session.client);
  const head = ["NAMESPACE", "TYPE", "VERSION", "ORIGIN", "STATE", "REGISTRY", "NAME"];
  const row = (p: InstalledPlugin) => [
    p.namespace,
    p.type,
    p.version,
    p.origin,
    stateOf(p),
    nameOf(p.registry),
    p.name,
  ];
  session.print(wanted, () =>
    wanted.length > 0 ? table(session.io, head, wanted.map(row)) : "No plugins are installed.",
  );
};

const listVersions = async (session: Session, namespace: string): Promise<void> => {
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  const rows = plugin.versions.map((v) => [v.version, v.current, minuteText(v.installed), v.sha256]);
  session.print(plugin, () =>
    rows.length > 0
      ? table(session.io, ["VERSION", "CURRENT", "INSTALLED", "SHA-256"], rows)
      : `${plugin.namespace} ${plugin.version}; no other version is kept.`,
  );
};

const list = (session: Session, namespace: string | undefined, options: { type?: PluginType }) =>
  namespace === undefined ? listAll(session, options.type) : listVersions(session, namespace);

const row = (f: Verified) => [f.namespace, f.state, f.path];

const verify = async (session: Session): Promise<void> => {
  const { files } = await session.client.verifyPlugins({});
  session.print(files, () =>
    files.length > 0
      ? table(session.io, ["NAMESPACE", "STATE", "FILE"], files.map(row))
      : "No files to verify.",
  );
  const wrong = files.filter((f) => f.state !== "ok");
  if (wrong.length === 0) return;
  const names = wrong.map((f) => `${f.namespace} (${f.state})`).join(", ");
  throw new CommandFailed(
    `Files differ from their records: ${names}.`,
    "Reinstall or roll back these plugins, and find out what changed their files.",
  );
};

/** `hitagi list` and `hitagi verify`: the installed plugins. */
export const listCommands = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "list [namespace]",
    "List the installed plugins, or the kept versions of one.",
    "hitagi list --type metadata",
    "hitagi list title-cleaner",
  )
    .addOption(typeOption())
    .action(withSession(io, list));
  serverCommand(
    program,
    "verify",
    "Compare every installed file with its record. Fails if one differs.",
    "hitagi verify",
  ).action(withSession(io, verify));
};
