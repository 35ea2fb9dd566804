import { readFile } from "node:fs/promises";
import path from "node:path";
import type { InstallPlan } from "@hitagi/contract";
import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { leaf } from "../leaf.ts";
import { permissionText, permissionTexts } from "../permission-text.ts";
import { chooseRegistry, offeringRegistry } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";

interface InstallOptions {
  registry?: string;
  version?: string;
  force?: boolean;
  grant?: boolean;
  yes?: boolean;
}

const planText = (plan: InstallPlan): string => {
  const from = plan.installed === null ? "" : ` (now ${plan.installed})`;
  return `${plan.action} ${plan.namespace} ${plan.version} from ${plan.registry}${from}`;
};

const refuse = (plan: InstallPlan): void => {
  const [first, ...more] = plan.conflicts;
  if (first) throw new CommandFailed([first, ...more].map((c) => c.message).join("\n"), first.hint);
};

/** Shows what would happen, and asks where the plugin wants to do more than compute. */
const agree = async (session: Session, plan: InstallPlan, options: InstallOptions): Promise<void> => {
  session.say(`Will ${planText(plan)}.`);
  refuse(plan);
  const asks = plan.permissions ? permissionTexts(plan.permissions.asks) : [];
  if (asks.length === 0) return;
  session.say(`It asks to: ${asks.join(", ")}.`);
  await confirm(session.io, "Install it?", options);
};

/** Says what the plugin may do now that it is in place. */
const report = async (session: Session, namespace: string, done: unknown): Promise<void> => {
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  session.print(
    done,
    () => `Installed ${plugin.namespace} ${plugin.version}. It may ${permissionText(plugin.granted)}.`,
  );
};

const install = async (session: Session, given: string, options: InstallOptions): Promise<void> => {
  const { client } = session;
  const namespace = given.toLowerCase();
  const registry =
    options.registry === undefined
      ? await offeringRegistry(client, namespace)
      : (await chooseRegistry(client, options.registry)).id;
  const { version, force = false, grant = false } = options;
  const body = { namespace, registry, version, force, grant };
  const { plan } = await client.previewInstall({ body });
  await agree(session, plan, options);
  const { job } = await client.installPlugin({ body });
  await report(session, namespace, resultOf(await waitForJob(session, job)));
};

const sideload = async (session: Session, file: string, options: { grant: boolean }): Promise<void> => {
  const bytes = await readFile(path.resolve(session.io.cwd, file)).catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read.`, `Give a plugin file. (${(cause as Error).message})`);
  });
  const { namespace, version } = await session.client.sideloadPlugin({
    file: new Blob([new Uint8Array(bytes)]),
    filename: path.basename(file),
    body: { grant: options.grant },
  });
  await report(session, namespace, { namespace, version });
};

/** `hitagi install` and `hitagi sideload`. */
export const installCommands = (program: Command, io: Io): void => {
  leaf(
    program,
    "install <namespace>",
    "Install a plugin, or another version of one.",
    "hitagi install title-cleaner",
    "hitagi install title-cleaner --version 1.0.0 --registry Example",
  )
    .option("--registry <registry>", "take it from this registry, by id or name")
    .option("--version <version>", "this version; else the highest release")
    .option("--force", "replace a plugin that another registry installed")
    .option("--grant", "grant whatever an upgrade asks for beyond what was granted")
    .option("-y, --yes", "do not ask")
    .action(withSession(io, install));
  leaf(
    program,
    "sideload <file>",
    "Install a plugin from a file of your own.",
    "hitagi sideload ./my-plugin.ts",
  )
    .option("--no-grant", "grant nothing of what it asks for")
    .action(withSession(io, sideload));
};
