import type { Command } from "commander";
import { confirm } from "../confirm.ts";
import { serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import { chooseRegistry } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";

/** Says which orphaned plugins this registry offers with the same bytes: a reinstall connects them to it. */
export const noteOrphans = async (session: Session, id: string): Promise<void> => {
  const { client } = session;
  const [{ registries }, { plugins }] = await Promise.all([
    client.listRegistries({}),
    client.listInstalled({}),
  ]);
  const there = new Set(registries.map((r) => r.id));
  for (const { namespace, version, registry, sha256 } of plugins) {
    if (registry === null || there.has(registry)) continue;
    const { offers } = await client.getAvailable({ params: { namespace } }).catch(() => ({ offers: [] }));
    const versions = offers.find((offer) => offer.registry === id)?.versions ?? [];
    if (!versions.some((v) => v.version === version && v.sha256 === sha256)) continue;
    session.say(
      `It offers the installed ${namespace} ${version}, whose registry was removed. ` +
        `To get updates from here: \`hitagi install ${namespace} --version ${version} --registry ${id}\`.`,
    );
  }
};

/** The installed plugins that a removal would leave without updates. */
const installedFrom = async ({ client }: Session, registry: string): Promise<string[]> => {
  const { plugins } = await client.listInstalled({});
  return plugins.filter((p) => p.registry === registry).map((p) => p.namespace);
};

const remove = async (session: Session, name: string, options: { yes?: boolean }): Promise<void> => {
  const { id } = await chooseRegistry(session.client, name);
  const orphans = await installedFrom(session, id);
  if (orphans.length > 0 && !options.yes) {
    const words = `These installed plugins would get no more updates: ${orphans.join(", ")}.`;
    if (!isInteractive(session.io)) {
      throw new CommandFailed(words, "Repeat the command with --yes to remove it.");
    }
    await confirm(session.io, `${words} Remove it?`, options);
  }
  const { successMessage } = await session.client.deleteRegistry({ params: { id } });
  session.print({ id }, () => `${successMessage} Plugins installed from it stay.`);
};

/** `hitagi registry remove`. */
export const registryRemoveCommand = (registry: Command, io: Io): void => {
  serverCommand(
    registry,
    "remove <registry>",
    "Remove a registry; plugins installed from it stay.",
    "hitagi registry remove REG_1700000000",
  )
    .option("-y, --yes", "do not ask, even if installed plugins lose their updates")
    .action(withSession(io, remove));
};
