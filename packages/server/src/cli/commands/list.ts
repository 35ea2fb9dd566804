import type { InstalledPlugin, PluginType, Verified } from "@hitagi/contract";
import type { Command } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { registryNames } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
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
  const rows = plugin.versions.map((v) => [
    v.version,
    v.current,
    new Date(v.installed * 1000).toISOString().slice(0, 16).replace("T", " "),
    v.sha256,
  ]);
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
    `Not as they were installed: ${names}.`,
    "Reinstall or roll back these plugins, and find out who changed their files.",
  );
};

/** `hitagi list` and `hitagi verify`: what is installed. */
export const listCommands = (program: Command, io: Io): void => {
  leaf(
    program,
    "list [namespace]",
    "List the installed plugins, or the versions kept of one.",
    "hitagi list --type metadata",
    "hitagi list title-cleaner",
  )
    .addOption(typeOption())
    .action(withSession(io, list));
  leaf(
    program,
    "verify",
    "Compare every installed file with its record; fails where one differs.",
    "hitagi verify",
  ).action(withSession(io, verify));
};
