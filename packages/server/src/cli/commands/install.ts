import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  ApiError,
  type ErrorReport,
  type InstalledPlugin,
  type InstallPlan,
  type Output,
  type RequiredPlugin,
  shownVersions,
  toNamespace,
} from "@hitagi/contract";
import { isPublicSuffixWildcard } from "../../net/public-suffix.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, failureText, UsageError } from "../failure.ts";
import { grantText, permissionTexts } from "../format.ts";
import { isInteractive } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseRegistry, offeringRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { commandLine, sayUndo } from "../undo.ts";
import { changelogLines } from "./info-details.ts";
import { sayRollback } from "./rollback.ts";

interface InstallOptions {
  registry?: string;
  version?: string;
  force?: boolean;
  acceptChanged?: boolean;
  acceptUnsigned?: boolean;
  ignoreRequirements?: boolean;
  otherRegistries?: boolean;
  grant?: boolean;
  yes?: boolean;
}

/** What an install does, for example `upgrade echo 1.0.0 to 1.1.0 from Example`. */
const planText = ({ action, namespace, version, installed, registryName: registry }: InstallPlan): string =>
  ({
    install: `install ${namespace} ${version} from ${registry}`,
    reinstall: `reinstall ${namespace} ${version} from ${registry}`,
    upgrade: `upgrade ${namespace} ${installed} to ${version} from ${registry}`,
    downgrade: `downgrade ${namespace} ${installed} to ${version} from ${registry}`,
    replace: `replace ${namespace} ${installed} by ${version} from ${registry}`,
  })[action];

/** @param resolved codes of conflicts that the user's answer resolves */
export const refuse = (plan: InstallPlan, ...resolved: string[]): void => {
  const [first, ...more] = plan.conflicts.filter(({ code }) => !resolved.includes(code));
  if (first) throw new CommandFailed([first, ...more].map(failureText), first.hint);
};

/** A warning on a line; what the owner can do follows where the warning says it. */
export const warningText = ({ message }: ErrorReport): string => `Warning: ${message}`;

/** What a plugin asks for in words, without files: the owner names them afterwards. */
export const asksOf = ({
  permissions,
  confinement,
}: Pick<InstallPlan, "permissions" | "confinement">): string[] => {
  const { files: _, ...scopes } = permissions?.asks ?? {};
  return permissions ? permissionTexts(scopes, confinement) : [];
};

/** What is installed or upgraded with a plugin, for example `Needs site-login ^1.0.0: install 1.2.0 from Example; it asks to …`. */
export const requiredText = (one: RequiredPlugin): string => {
  const ranges = [...new Set(one.neededBy.map(({ range }) => range))].join(", ");
  const asks = asksOf(one);
  const what =
    one.installed === null ? `install ${one.version}` : `upgrade ${one.installed} to ${one.version}`;
  const asking = asks.length > 0 ? `; it asks to ${asks.join(", ")}` : "";
  return `Needs ${one.namespace} ${ranges}: will ${what} from ${one.registryName}${asking}.`;
};

/** A plugin that was installed or upgraded with another one. */
export interface Brought {
  namespace: string;
  version: string;
  from: string | null;
}

/** Says what was installed or upgraded with a plugin. */
export const requiredLines = (namespace: string, required: readonly Brought[] = []): string[] =>
  required.map((one) =>
    one.from === null
      ? `Installed ${one.namespace} ${one.version}, which ${namespace} needs.`
      : `Upgraded ${one.namespace} ${one.from} to ${one.version}, which ${namespace} needs.`,
  );

/** What a user says to an install beforehand. */
type Consent = Pick<InstallOptions, "grant" | "yes">;

/** Asks before the first install of plugins with permissions. Without a terminal, --yes is required. */
const agreeToFirst = async (
  session: Session,
  plan: InstallPlan,
  plugins: readonly (InstallPlan | RequiredPlugin)[],
  options: Consent,
): Promise<void> => {
  const asking = plugins.filter((one) => asksOf(one).length > 0);
  if (asking.length === 0) return;
  const what = asking
    .map((one) => `${one.namespace} ${one.version} asks to ${asksOf(one).join(", ")}.`)
    .join(" ");
  if (options.yes) session.say(what);
  const broad = (plan.permissions?.asks.net ?? []).filter(isPublicSuffixWildcard);
  if (broad.length > 0) {
    const names = broad.map((host) => `'${host}'`).join(" ");
    session.say(
      `An install does not grant ${names}: \`hitagi grant ${plan.namespace} --net ${names}\` does.`,
    );
  }
  await confirm(session.io, { what, ask: "Install it?", does: "grant this" }, options);
};

const waitsForGrant = ({ conflicts }: InstallPlan): boolean =>
  conflicts.length > 0 && conflicts.every(({ code }) => code === "PERMISSION_NEEDED");

/** Says which secrets belong to a plugin from another source and are withheld. */
export const noteWithheld = ({ say }: Session, namespace: string, withheld: readonly string[]): void => {
  if (withheld.length === 0) return;
  const [first] = withheld;
  say(
    `Secrets of a plugin from another source are withheld: ${withheld.join(", ")}. ` +
      `To give them to this plugin, enter them again: \`hitagi settings ${namespace} ${first}=…\`.`,
  );
};

/**
 * Shows what an allowed plan does, and asks for the permissions that it needs.
 * @returns whether new permissions are granted
 * @throws CommandFailed for a plan with conflicts, and if the user does not agree
 */
export const agreeToInstall = async (
  session: Session,
  plan: InstallPlan,
  options: Consent,
): Promise<boolean> => {
  const isFirst = plan.installed === null;
  const asksInTerminal = waitsForGrant(plan) && !options.yes && isInteractive(session.io);
  refuse(plan, ...(isFirst ? ["GRANT_NEEDED"] : asksInTerminal ? ["PERMISSION_NEEDED"] : []));
  session.say(`Will ${planText(plan)}.`);
  session.say((plan.requires ?? []).map(requiredText));
  session.say(changelogLines(plan.namespace, plan.changelog));
  const alike = plan.warnings.filter(({ code }) => code === "NAMESPACE_LOOKS_LIKE");
  session.say(plan.warnings.filter((one) => !alike.includes(one)).map(warningText));
  for (const { message } of alike)
    await confirm(session.io, { what: message, ask: "Install it?", does: "install it" }, options);
  noteWithheld(session, plan.namespace, plan.withheld);
  const required = plan.requires ?? [];
  if (isFirst) {
    if (plan.uses.length > 0) session.say(`It uses functions of ${plan.uses.join(", ")}.`);
    await agreeToFirst(session, plan, [plan, ...required], options);
    return true;
  }
  const brought = required.filter(({ installed }) => installed === null);
  await agreeToFirst(session, plan, brought, { yes: options.yes || options.grant });
  if (!asksInTerminal) return options.grant ?? false;
  const what = `${plan.conflicts[0]?.message ?? ""}.`;
  await confirm(session.io, { what, ask: "Grant it?", does: "grant this" }, options);
  return true;
};

/** Says if the login plugin that this plugin needs is not installed. */
const noteLogin = async (session: Session, { namespace, manifest }: InstalledPlugin): Promise<void> => {
  const { login_from: login } = manifest;
  if (login === undefined) return;
  const { plugins } = await session.client.listInstalled({});
  if (plugins.some((plugin) => plugin.namespace === login)) return;
  session.say(
    `${namespace} uses the session of ${login}, which is not installed: \`hitagi install ${login}\`.`,
  );
};

/** Says which files the plugin needs, if it has none. */
const noteFiles = ({ say }: Session, { namespace, manifest, granted }: InstalledPlugin): void => {
  const needed = manifest.permissions?.files;
  if (needed !== undefined && !granted.files)
    say(`${namespace} reads files: ${needed}. Grant them with \`hitagi grant ${namespace} --read PATH\`.`);
};

/** Prints the installed version and its permissions. */
export const report = async (session: Session, namespace: string, done: unknown): Promise<void> => {
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  const permissions = grantText("It", plugin.granted, plugin.confinement);
  session.print(done, () => `Installed ${plugin.namespace} ${plugin.version}. ${permissions}`);
  noteFiles(session, plugin);
  await noteLogin(session, plugin);
};

/** A namespace, and the version of `echo@1.0.0`. @throws UsageError where two versions are named */
const namedPlugin = (text: string, option: string | undefined) => {
  const [name = text, version] = text.split("@", 2);
  if (version !== undefined && option !== undefined && version !== option)
    throw new UsageError(`${version} and ${option} are named.`, "Name one version.");
  return { namespace: toNamespace(name), version: option ?? version };
};

const install = async (session: Session, name: string, options: InstallOptions): Promise<void> => {
  const { client } = session;
  const { namespace, version } = namedPlugin(name, options.version);
  const registry =
    options.registry === undefined
      ? await offeringRegistry(client, namespace)
      : (await chooseRegistry(client, options.registry)).id;
  const { force = false, grant = false, acceptChanged = false, acceptUnsigned = false } = options;
  const { ignoreRequirements, otherRegistries } = options;
  const body = {
    ...{ namespace, registry, version, force, grant, acceptChanged, acceptUnsigned },
    ...{ ignoreRequirements, otherRegistries },
  };
  const { plan } = await client.previewInstall({ body });
  const granted = await agreeToInstall(session, plan, options);
  // Installs the versions that the user saw, even if newer ones were published meanwhile.
  const agreed = { ...body, version: plan.version, grant: granted, shown: shownVersions(plan) };
  const { job } = await client.installPlugin({ body: agreed });
  const done = resultOf(await waitForJob(session, job));
  session.say(requiredLines(namespace, (done as { required?: Brought[] }).required));
  await report(session, namespace, done);
};

interface SendOptions {
  /** Whether to grant all that it asks for. */
  grant: boolean;
  /** Whether to replace a registry's plugin. */
  move?: boolean;
  /** The words of the command that undoes a move, which the user has then called. */
  undo?: readonly string[];
  ignoreRequirements?: boolean | undefined;
}

const fileFaults: readonly (string | undefined)[] = [
  ...["LOAD_FAILED", "LOAD_CHECK_FAILED", "MANIFEST_INVALID", "PACKAGE_MISMATCH"],
];

/** The failure of a file that this user has: its hint is for the one who can correct it. */
const withFileHint = (error: unknown, file: string): unknown =>
  error instanceof ApiError && fileFaults.includes(error.code)
    ? new CommandFailed(
        failureText(error),
        `Correct the file. \`${commandLine("check", file)}\` says what is wrong, and where.`,
        error.code,
      )
    : error;

/** Another file of the same version takes the place of the one before, which is kept nowhere. */
const sayUndoOfSideload = async (
  session: Session,
  { namespace, version, from }: Output<"sideloadPlugin">,
): Promise<void> => {
  if (from === null) sayUndo(session.say, ["uninstall", namespace]);
  else if (from !== version) await sayRollback(session, namespace, from);
};

/** Sends a plugin file. */
export const sendFile = async (session: Session, file: string, options: SendOptions): Promise<void> => {
  const bytes = await readFile(path.resolve(session.io.cwd, file)).catch((cause: unknown) => {
    throw new UsageError(`${file} cannot be read.`, `Give a plugin file. (${(cause as Error).message})`);
  });
  const done = await session.client
    .sideloadPlugin({
      file: new Blob([new Uint8Array(bytes)]),
      filename: path.basename(file),
      body: { grant: options.grant, move: options.move, ignoreRequirements: options.ignoreRequirements },
    })
    .catch((error: unknown) => {
      throw withFileHint(error, file);
    });
  const { namespace, filename, version, granted, withheld } = done;
  if (filename !== path.basename(file)) {
    session.say(`Another plugin has a file of that name, so that it is ${filename} on the server.`);
  }
  noteWithheld(session, namespace, withheld);
  await report(session, namespace, { namespace, version, granted, withheld });
  if (options.undo) sayUndo(session.say, options.undo);
  else await sayUndoOfSideload(session, done);
};

/** `hitagi install` and `hitagi sideload`. */
export const installCommands = (program: CliCommand): void => {
  program
    .remote("install <namespace>", "Install a plugin, or another version of one.")
    .examples(
      "hitagi install title-cleaner",
      "hitagi install title-cleaner@1.0.0",
      "hitagi install title-cleaner --version 1.0.0 --registry Example",
    )
    .option("--registry <registry>", "install from this registry, by id or name")
    .option("--version <version>", "this version; by default the highest release")
    .option("--force", "replace a plugin that another registry installed")
    .option("--accept-changed", "install a published version although its bytes have changed since")
    .option("--accept-unsigned", "replace a plugin of a signed registry by one of an unsigned registry")
    .option("--other-registries", "let other registries bring the plugins that it needs")
    .option(
      "--ignore-requirements",
      "install it without what it needs, or although others need another version",
    )
    .option("--grant", "grant all new permissions of an upgrade")
    .option("-y, --yes", "do not ask: grant the permissions of a first install")
    .runRemote(install);
  program
    .remote("sideload <file>", "Install a plugin from a file.")
    .examples("hitagi sideload ./my-plugin.ts")
    .option("--no-grant", "grant no permissions")
    .option(
      "--ignore-requirements",
      "install it although other plugins need what it replaces, or it lacks what it needs",
    )
    .runRemote(sendFile);
};
