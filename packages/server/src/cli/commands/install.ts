import { readFile } from "node:fs/promises";
import path from "node:path";
import { type InstalledPlugin, type InstallPlan, toNamespace } from "@hitagi/contract";
import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
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

/** @param settled codes of conflicts that the person's answer settles */
const refuse = (plan: InstallPlan, ...settled: string[]): void => {
  const [first, ...more] = plan.conflicts.filter(({ code }) => !settled.includes(code));
  if (first) throw new CommandFailed([first, ...more].map((c) => c.message).join("\n"), first.hint);
};

const asksToo = ({ namespace, version }: InstallPlan, words: string): string =>
  `${namespace} ${version} asks to ${words}.`;

/**
 * Asks before the first install of a plugin that wants to do more than compute. That is never agreed to by nobody:
 * who cannot be asked must say yes beforehand.
 */
const agreeToFirst = async (session: Session, plan: InstallPlan, options: InstallOptions): Promise<void> => {
  refuse(plan, "GRANT_NEEDED");
  const asks = plan.permissions ? permissionTexts(plan.permissions.asks, plan.confinement) : [];
  if (asks.length === 0) return;
  const words = asksToo(plan, asks.join(", "));
  if (!options.yes && !isInteractive(session.io)) {
    throw new CommandFailed(words, "Repeat the command with --yes if it may do that.");
  }
  session.say(words);
  await confirm(session.io, session.json ? `${words} Install it?` : "Install it?", options);
};

const waitsForGrant = ({ conflicts }: InstallPlan): boolean =>
  conflicts.length > 0 && conflicts.every(({ code }) => code === "PERMISSION_NEEDED");

/** Secrets that were entered for somebody else's plugin are not handed on. */
const noteWithheld = ({ say }: Session, namespace: string, withheld: readonly string[]): void => {
  if (withheld.length === 0) return;
  const [first] = withheld;
  say(
    `It does not get the secrets that were entered for a plugin from elsewhere: ${withheld.join(", ")}. ` +
      `Enter them again if it may have them: \`hitagi settings ${namespace} ${first}=…\`.`,
  );
};

/**
 * Shows what would happen, and asks where the plugin wants to do more than compute, or more than it was granted.
 * Answers whether what it asks for beyond that is granted.
 */
const agree = async (session: Session, plan: InstallPlan, options: InstallOptions): Promise<boolean> => {
  session.say(`Will ${planText(plan)}.`);
  noteWithheld(session, plan.namespace, plan.withheld);
  if (plan.installed === null) {
    await agreeToFirst(session, plan, options);
    return true;
  }
  if (!waitsForGrant(plan) || options.yes || !isInteractive(session.io)) {
    refuse(plan);
    return options.grant ?? false;
  }
  const [conflict] = plan.conflicts;
  await confirm(session.io, `${conflict?.message ?? ""}. Grant it?`, options);
  return true;
};

/** A plugin whose requests need the session of another one is of little use without it. */
const noteLogin = async (session: Session, { namespace, manifest }: InstalledPlugin): Promise<void> => {
  const { login_from: login } = manifest;
  if (login === undefined) return;
  const { plugins } = await session.client.listInstalled({});
  if (plugins.some((plugin) => plugin.namespace === login)) return;
  session.say(
    `${namespace} uses the session of ${login}, which is not installed: \`hitagi install ${login}\`.`,
  );
};

/** Says what the plugin may do now that it is in place. */
const report = async (session: Session, namespace: string, done: unknown): Promise<void> => {
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  session.print(
    done,
    () =>
      `Installed ${plugin.namespace} ${plugin.version}. It may ${permissionText(plugin.granted, plugin.confinement)}.`,
  );
  await noteLogin(session, plugin);
};

const install = async (session: Session, given: string, options: InstallOptions): Promise<void> => {
  const { client } = session;
  const namespace = toNamespace(given);
  const registry =
    options.registry === undefined
      ? await offeringRegistry(client, namespace)
      : (await chooseRegistry(client, options.registry)).id;
  const { force = false, grant = false } = options;
  const body = { namespace, registry, version: options.version, force, grant };
  const { plan } = await client.previewInstall({ body });
  const granted = await agree(session, plan, options);
  // The version that was agreed to, whatever is published meanwhile.
  const agreed = { ...body, version: plan.version, grant: granted };
  const { job } = await client.installPlugin({ body: agreed });
  await report(session, namespace, resultOf(await waitForJob(session, job)));
};

const sideload = async (session: Session, file: string, options: { grant: boolean }): Promise<void> => {
  const bytes = await readFile(path.resolve(session.io.cwd, file)).catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read.`, `Give a plugin file. (${(cause as Error).message})`);
  });
  const done = await session.client.sideloadPlugin({
    file: new Blob([new Uint8Array(bytes)]),
    filename: path.basename(file),
    body: { grant: options.grant },
  });
  const { namespace, version, granted, withheld } = done;
  noteWithheld(session, namespace, withheld);
  await report(session, namespace, { namespace, version, granted, withheld });
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
    .option("-y, --yes", "do not ask: what a first install asks for is granted")
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
