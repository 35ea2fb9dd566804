import { type InstalledPlugin, shownVersions } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import { registryText } from "../format.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { chooseRegistry, offeringRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { sayUndo } from "../undo.ts";
import { noteWithheld, refuse, report, requiredText, sendFile } from "./install.ts";

interface MoveOptions {
  registry?: string;
  version?: string;
  file?: string;
  ignoreRequirements?: boolean;
  yes?: boolean;
}

const agree = ({ io }: Session, what: string, options: MoveOptions): Promise<void> =>
  confirm(io, { what: `${what} Its settings stay.`, ask: "Move it?", does: "move it" }, options);

/** The command that moves a plugin back to where it is from now. */
const wayBack = ({ namespace, registry, version }: InstalledPlugin): string[] => [
  ...["move", namespace],
  ...(registry === null ? [] : ["--registry", registry, "--version", version]),
];

/** From a sideloaded file, or another registry, to a registry. */
const toRegistry = async (session: Session, plugin: InstalledPlugin, options: MoveOptions): Promise<void> => {
  const { client } = session;
  const { namespace, version } = plugin;
  const registry =
    options.registry === undefined
      ? await offeringRegistry(client, namespace)
      : (await chooseRegistry(client, options.registry)).id;
  const { version: wanted, ignoreRequirements } = options;
  const body = { namespace, registry, version: wanted, move: true, force: true, ignoreRequirements };
  const { plan } = await client.previewInstall({ body });
  refuse(plan, "PERMISSION_NEEDED", "WOULD_DOWNGRADE");
  const from = plugin.registry === null ? "sideloaded" : `from ${registryText(plugin)}`;
  const asked = plan.permissions?.more ?? [];
  const more = asked.length > 0 ? ` It asks for more permissions: ${asked.join(", ")}.` : "";
  session.say((plan.requires ?? []).map(requiredText));
  noteWithheld(session, namespace, plan.withheld);
  await agree(
    session,
    `${namespace} ${version} (${from}) will be replaced by ${plan.version} from ${plan.registryName}.${more}`,
    options,
  );
  const agreed = { ...body, version: plan.version, grant: asked.length > 0, shown: shownVersions(plan) };
  const { job } = await client.installPlugin({ body: agreed });
  await report(session, namespace, resultOf(await waitForJob(session, job)));
  sayUndo(session.say, wayBack(plugin));
};

/** From a registry to the sideloaded version of before, or to a file. */
const toSideloaded = async (session: Session, plugin: InstalledPlugin, options: MoveOptions) => {
  const { client } = session;
  const { namespace, version } = plugin;
  const replaced = `${namespace} ${version} from ${registryText(plugin)} will be replaced by`;
  if (options.file !== undefined) {
    await agree(session, `${replaced} the file ${options.file}.`, options);
    const { ignoreRequirements } = options;
    return sendFile(session, options.file, {
      ...{ grant: false, move: true, ignoreRequirements },
      undo: wayBack(plugin),
    });
  }
  const own = plugin.versions.find(({ registry }) => registry === null);
  const what = own
    ? `your sideloaded ${own.version}.`
    : "the same code as a sideloaded plugin, which has no updates.";
  await agree(session, `${replaced} ${what}`, options);
  const moved = await client.moveToSideloaded({
    params: { namespace },
    query: { ignoreRequirements: options.ignoreRequirements },
  });
  noteWithheld(session, namespace, moved.withheld);
  await report(session, namespace, { namespace, version: moved.version, from: moved.from });
  sayUndo(session.say, wayBack(plugin));
};

const move = async (session: Session, name: string, options: MoveOptions): Promise<void> => {
  const { registry, file } = options;
  if (registry !== undefined && file !== undefined)
    throw new UsageError("A plugin moves to a registry or to a file.", "Use --registry or --file.");
  const { plugin } = await session.client.getInstalled({ params: { namespace: name } });
  const goesToRegistry = file === undefined && (plugin.origin !== "managed" || registry !== undefined);
  return goesToRegistry ? toRegistry(session, plugin, options) : toSideloaded(session, plugin, options);
};

/** `hitagi move`: from a sideloaded file to a registry's plugin, and back. */
export const moveCommand = (program: CliCommand): void => {
  program
    .remote(
      "move <namespace>",
      "Replace a sideloaded plugin by a registry's of the same name, or go back. Settings stay.",
    )
    .examples(
      "hitagi move title-cleaner",
      "hitagi move title-cleaner --registry Example",
      "hitagi move title-cleaner --file ./title-cleaner.ts",
    )
    .option("--registry <registry>", "to this registry, by id or name")
    .option("--version <version>", "to this version of it")
    .option("--file <file>", "to this file; by default the one that was sideloaded last")
    .option(
      "--ignore-requirements",
      "move it although other plugins need what is installed, or it lacks what it needs",
    )
    .option("-y, --yes", "do not ask; also grant what it asks for")
    .runRemote(move);
};
