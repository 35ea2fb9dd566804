import { existsSync } from "node:fs";
import path from "node:path";
import { redact } from "@hitagi/contract";
import { Option } from "commander";
import type { RunningServer } from "../../app/listen.ts";
import { type Config, flagOf, readConfig, type SettingName, settingsTable } from "../../config/config.ts";
import { checkFoundFolder } from "../../config/locations.ts";
import { onOff } from "../../config/values.ts";
import { builtFile } from "../../disk/find-program.ts";
import { version } from "../../version.ts";
import type { CliCommand } from "../command.ts";
import { DEFAULT_SERVER } from "../connection.ts";
import { logDestination } from "../log-lines.ts";
import type { Printer } from "../session.ts";
import { shellWord } from "../undo.ts";
import { untilStopped } from "../until-stopped.ts";

type Flags = Partial<Record<SettingName, string>>;

const optionOf = ([, { env, fallback, parse, about }]: (typeof settings)[number]): Option => {
  const standard = fallback === "" ? "" : `; default ${fallback}`;
  const text = `${about} (${env}${standard})`;
  return parse === onOff
    ? new Option(`--${flagOf(env)} [value]`, text).preset("1")
    : new Option(`--${flagOf(env)} <value>`, text);
};

const settings = Object.entries(settingsTable) as [SettingName, (typeof settingsTable)[SettingName]][];

/** The command for this server, with the options that differ from the defaults. */
const commandFor = (address: string, { data }: Config, cwd: string): string => {
  const server = address === DEFAULT_SERVER ? "" : ` --server ${address}`;
  const folder = data === path.resolve("data") ? "" : ` --data ${data}`;
  // Only in a checkout is the program that npx starts surely this one.
  const isCheckout = existsSync(path.join(cwd, "packages", "server", "bin", "hitagi.js"));
  return `${isCheckout ? "npx --no-install hitagi" : "hitagi"}${server}${folder}`;
};

/** The project's own registry and one of its plugins, to begin with: in the folder of a checkout, or the copy beside the program. */
const firstSteps = (cwd: string): { registry: string; plugin: string } => {
  const plugin = "comic-info-full";
  if (existsSync(path.join(cwd, "registry", "registry.json"))) return { registry: "./registry", plugin };
  const copy = builtFile("registry/registry.json");
  if (copy !== undefined) return { registry: shellWord(path.dirname(copy)), plugin };
  return { registry: "<address or folder>", plugin: "<plugin>" };
};

/** The shared store, its other servers and the library; empty for SQLite. */
const storeLines = async ({ services }: RunningServer, { store, library }: Config): Promise<string> => {
  if (store.startsWith("sqlite:")) return "";
  const beside = await services.cluster.nodes().then(
    ({ length }) => `, with ${length - 1} other server${length === 2 ? "" : "s"}`,
    () => "",
  );
  return `  Store    ${redact(store)}${beside}\n  Library  ${redact(library)}\n`;
};

const welcome = async (server: RunningServer, config: Config, cwd: string): Promise<string> => {
  const { address, apiKey } = server;
  const hitagi = commandFor(address, config, cwd);
  const { registry, plugin } = firstSteps(cwd);
  const key = apiKey.isNew
    ? `${apiKey.key}  (new, shown only once; stored in ${apiKey.file})`
    : (apiKey.file ?? "from HITAGI_API_KEY");
  return `Hitagi ${version} listens on ${address}
  API key  ${key}
${await storeLines(server, config)}  Page     ${address}/
  Calls    ${address}/api/docs

Try next, in another terminal:
  ${hitagi} registry add ${registry}
  ${hitagi} search
  ${hitagi} install ${plugin}

Ctrl-C stops it.
`;
};

const serve = async ({ io }: Printer, flags: Flags): Promise<void> => {
  const config = readConfig(flags, io.env);
  const { env } = settingsTable.data;
  if (!flags.data && !io.env[env]) checkFoundFolder(config.data, env);
  // Loaded only here: other commands do not need the server.
  const [{ startServer }, { createLog }] = await Promise.all([
    import("../../app/listen.ts"),
    import("../../log.ts"),
  ]);
  const stopping = untilStopped(io);
  const server = await startServer(config, createLog(config.log, logDestination(io)));
  io.stdout.write(await welcome(server, config, io.cwd));
  await stopping;
  io.stderr.write("Stopping: waiting for running calls and jobs.\n");
  await server.stop();
};

/** `hitagi serve`: runs the server. */
export const serveCommand = (program: CliCommand): void => {
  const command = program
    .local("serve", "Start the server.")
    .examples("hitagi serve", "hitagi serve --port 8080 --data /srv/hitagi");
  for (const setting of settings) command.addOption(optionOf(setting));
  command.runLocal(serve);
};
