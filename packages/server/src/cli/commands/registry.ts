import type { Registry } from "@hitagi/contract";
import type { Command } from "commander";
import { localCommand, serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { chooseRegistry } from "../registry-choice.ts";
import { safeText } from "../safe-text.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { minuteText } from "../time.ts";
import { addressText, registryAddCommand } from "./registry-add.ts";
import { registryCheckCommand } from "./registry-check.ts";
import { registryRemoveCommand } from "./registry-orphans.ts";
import { refreshMany } from "./registry-refresh.ts";
import { registryTestCommand } from "./registry-test.ts";
import { registryUpdateCommand } from "./registry-update.ts";

const when = (epoch: number | undefined): string => (epoch === undefined ? "never" : minuteText(epoch));

/** Whether the last refresh failed, or the registry moved. */
const stateOf = ({ failure, moved }: Registry): string => {
  if (failure) return failure.code;
  return moved ? "moved" : "ok";
};

const noteText = ({ id, name, failure, moved }: Registry): string[] => {
  const failed = failure && `${name} (${id}), ${when(failure.at)}: ${failure.error}\nhint: ${failure.hint}`;
  const elsewhere = moved && `${name} (${id}) has moved. Its registry.json is now at ${moved}.`;
  return [failed, elsewhere].flatMap((text) => (text ? [safeText(text)] : []));
};

const list = async (session: Session): Promise<void> => {
  const [{ registries }, fallback] = await Promise.all([
    session.client.listRegistries({}),
    session.client.getDefaultRegistry({}),
  ]);
  const rows = registries.map((r) => [
    r.id,
    r.name,
    r.provider,
    r.plugins,
    when(r.refreshed),
    stateOf(r),
    r.id === fallback.id,
    addressText(r),
  ]);
  const head = ["ID", "NAME", "PROVIDER", "PLUGINS", "REFRESHED", "STATE", "DEFAULT", "PLACE"];
  session.print(registries, () =>
    rows.length > 0
      ? [table(session.io, head, rows), ...registries.flatMap(noteText)].join("\n")
      : "No registries yet. Add one with `hitagi registry add <address or folder>`.",
  );
};

const fallback = async (session: Session, name: string | undefined, options: { clear?: boolean }) => {
  const { client } = session;
  if (options.clear) await client.clearDefaultRegistry({});
  else if (name !== undefined) {
    await client.setDefaultRegistry({ params: { id: (await chooseRegistry(client, name)).id } });
  }
  const { id } = await client.getDefaultRegistry({});
  session.print({ id }, () => (id === "" ? "There is no default registry." : `The default is ${id}.`));
};

/** `hitagi registry …`: the registries. */
export const registryCommands = (program: Command, io: Io): void => {
  const registry = localCommand(
    program,
    "registry",
    "The registries that offer plugins.",
    "hitagi registry list",
  );
  registryAddCommand(registry, io);
  registryTestCommand(registry, io);
  serverCommand(registry, "list", "List the registries.", "hitagi registry list --json").action(
    withSession(io, list),
  );
  serverCommand(
    registry,
    "refresh [registries...]",
    "Fetch the index of the given registries, by id or name, or of all. A failure does not stop the others.",
    "hitagi registry refresh Example",
  ).action(withSession(io, refreshMany));
  registryUpdateCommand(registry, io);
  registryCheckCommand(registry, io);
  registryRemoveCommand(registry, io);
  serverCommand(
    registry,
    "default [registry]",
    "Show, set or clear the registry that installs prefer.",
    "hitagi registry default Example",
    "hitagi registry default --clear",
  )
    .option("--clear", "clear the default")
    .action(withSession(io, fallback));
};
