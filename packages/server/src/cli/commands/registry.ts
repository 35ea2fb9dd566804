import type { Registry } from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ageText } from "../format.ts";
import { chooseRegistry, registryNames } from "../lookup.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { sayUndo } from "../undo.ts";
import { addressText, registryAddCommands } from "./registry-add.ts";
import { registryBuildCommand } from "./registry-build.ts";
import { registryCheckCommand } from "./registry-check.ts";
import { registryInitCommand } from "./registry-init.ts";
import { registryKeygenCommand } from "./registry-keygen.ts";
import { registryPreviewCommand } from "./registry-preview.ts";
import { registryPublishCommand } from "./registry-publish.ts";
import { registryRecoverCommand } from "./registry-recover.ts";
import { refreshMany } from "./registry-refresh.ts";
import { failureNotes, registryShowCommand, stateOf } from "./registry-show.ts";
import { registrySignCommand } from "./registry-sign.ts";
import { registrySignBlocksCommand } from "./registry-sign-blocks.ts";
import { registryTrustCommands } from "./registry-trust.ts";
import { registryUpdateCommand } from "./registry-update.ts";
import { registryVerifyCommand } from "./registry-verify.ts";
import { registryYankCommand } from "./registry-yank.ts";

const when = (epoch: number | undefined): string => (epoch === undefined ? "never" : minuteText(epoch));

const notesOf = (registry: Registry): string[] => [
  ...(registry.trust?.warnings ?? []).map(({ text }) => `${registry.name} (${registry.id}): ${text}`),
  ...failureNotes(registry),
];

/** How a registry is signed; of one with a head how old that is. */
const signedText = ({ trust }: Registry): string => {
  const { state = "unsigned", signed } = trust ?? {};
  return signed === undefined ? state : `${state} ${ageText(signed)}`;
};

const list = async (session: Session): Promise<void> => {
  const [{ registries }, preferred] = await Promise.all([
    session.client.listRegistries({}),
    session.client.getDefaultRegistry({}),
  ]);
  const columns: Columns<Registry> = {
    ID: "id",
    NAME: "name",
    PROVIDER: "provider",
    PLUGINS: "plugins",
    REFRESHED: (r) => when(r.refreshed),
    STATE: stateOf,
    SIGNED: signedText,
    DEFAULT: (r) => r.id === preferred.id,
    PLACE: addressText,
  };
  session.print(registries, () =>
    registries.length > 0
      ? [table(session.io, columns, registries), ...registries.flatMap(notesOf)]
      : "No registries yet. Add one with `hitagi registry add <address or folder>`.",
  );
};

/** The installed plugins that a removal would leave without updates. */
const installedFrom = async ({ client }: Session, registry: string): Promise<string[]> => {
  const { plugins } = await client.listInstalled({});
  return plugins.filter((p) => p.registry === registry).map((p) => p.namespace);
};

const remove = async (session: Session, name: string, options: { yes?: boolean }): Promise<void> => {
  const { id, credential } = await chooseRegistry(session.client, name);
  const orphans = await installedFrom(session, id);
  const losses = [
    ...(orphans.length > 0
      ? [`These installed plugins would get no more updates: ${orphans.join(", ")}.`]
      : []),
    ...(credential ? ["Its stored credential would be deleted."] : []),
  ];
  const what = losses.join(" ");
  if (losses.length > 0) await confirm(session.io, { what, ask: "Remove it?", does: "remove it" }, options);
  const { successMessage } = await session.client.deleteRegistry({ params: { id } });
  session.print({ id }, () => `${successMessage} Plugins installed from it stay.`);
};

/** Shows, sets or clears the default registry. */
const setDefault = async (session: Session, name: string | undefined, options: { clear?: boolean }) => {
  const { client } = session;
  const { id: before } = await client.getDefaultRegistry({});
  if (options.clear) await client.clearDefaultRegistry({});
  else if (name !== undefined) {
    await client.setDefaultRegistry({ params: { id: (await chooseRegistry(client, name)).id } });
  }
  const { id } = await client.getDefaultRegistry({});
  const nameOf = await registryNames(client);
  session.print({ id }, () =>
    id === "" ? "There is no default registry." : `The default is ${nameOf(id)} (${id}).`,
  );
  if (id !== before) sayUndo(session.say, ["registry", "default", before === "" ? "--clear" : before]);
};

/** `hitagi registry …`: the registries. */
export const registryCommands = (program: CliCommand): void => {
  const registry = program
    .local("registry", "The registries that offer plugins.")
    .examples("hitagi registry list");
  registryAddCommands(registry);
  registry.remote("list", "List the registries.").examples("hitagi registry list --json").runRemote(list);
  registry
    .remote(
      "refresh [registries...]",
      "Fetch the index of the given registries, by id or name, or of all. A failure does not stop the others.",
    )
    .examples("hitagi registry refresh Example", "hitagi registry refresh Example --accept-older")
    .option("--accept-older", "take an index that was generated before the cached one")
    .runRemote(refreshMany);
  registryShowCommand(registry);
  registryUpdateCommand(registry);
  registryTrustCommands(registry);
  registryCheckCommand(registry);
  registryInitCommand(registry);
  registryBuildCommand(registry);
  registryYankCommand(registry);
  registryPreviewCommand(registry);
  registryPublishCommand(registry);
  registryKeygenCommand(registry);
  registrySignCommand(registry);
  registrySignBlocksCommand(registry);
  registryRecoverCommand(registry);
  registryVerifyCommand(registry);
  registry
    .remote("remove <registry>", "Remove a registry; plugins installed from it stay.")
    .examples("hitagi registry remove REG_1700000000")
    .option("-y, --yes", "do not ask, even if plugins lose their updates or a credential is deleted")
    .runRemote(remove);
  registry
    .remote("default [registry]", "Show, set or clear the registry that installs prefer.")
    .examples("hitagi registry default Example", "hitagi registry default --clear")
    .option("--clear", "clear the default")
    .runRemote(setDefault);
};
