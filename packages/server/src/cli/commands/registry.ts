import { ApiError, type Client, Provider, type Registry } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { bare, leaf } from "../leaf.ts";
import { chooseRegistry } from "../registry-choice.ts";
import { registrySource } from "../registry-source.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { registryCheckCommand } from "./registry-check.ts";
import { noteOrphans, registryRemoveCommand } from "./registry-orphans.ts";
import { refreshMany, refreshOne, skippedText } from "./registry-refresh.ts";
import { registryUpdateCommand } from "./registry-update.ts";

interface AddOptions {
  name?: string;
  provider?: Provider;
  ref?: string;
  path?: string;
  lenient?: boolean;
  default?: boolean;
  refresh: boolean;
}

const placeOf = (r: Pick<Registry, "url" | "ref" | "path">): string =>
  [r.url, r.ref, r.path].filter(Boolean).join(" ");

const when = (epoch: number | undefined): string =>
  epoch === undefined ? "never" : new Date(epoch * 1000).toISOString().slice(0, 16).replace("T", " ");

/** The same place twice would offer every plugin twice. @throws CommandFailed */
const checkNew = async (client: Client, fields: Partial<Registry>): Promise<void> => {
  const { registries } = await client.listRegistries({});
  const same = registries.find((r) => r.provider === fields.provider && placeOf(r) === placeOf(fields));
  if (!same) return;
  throw new CommandFailed(
    `This registry is there already, as ${same.id} (${same.name}).`,
    `Fetch its index anew with \`hitagi registry refresh ${same.id}\`.`,
  );
};

/**
 * A place without a registry was most likely mistyped, and is not kept. One whose index is not valid is: its owner may
 * set it lenient, or wait for its keeper.
 */
const refreshOrUndo = async (session: Session, registry: Pick<Registry, "id" | "name">): Promise<void> => {
  try {
    await refreshOne(session, registry);
  } catch (error) {
    const unreachable = error instanceof ApiError && error.code?.startsWith("SOURCE_");
    if (!unreachable) throw error;
    await session.client.deleteRegistry({ params: { id: registry.id } });
    session.say(`${registry.name} was not added. With --no-refresh it is added without being fetched.`);
    throw error;
  }
};

const add = async (session: Session, source: string, options: AddOptions): Promise<void> => {
  const { client, io } = session;
  const { name, provider, ref, path, lenient } = options;
  const fields = { ...registrySource(source, io.cwd), ...drop({ name, provider, ref, path, lenient }) };
  await checkNew(client, fields);
  const { id } = await client.createRegistry({ body: fields });
  session.say(`Added registry ${id} (${fields.name}).`);
  if (options.refresh) await refreshOrUndo(session, { id, name: fields.name });
  if (options.default) await client.setDefaultRegistry({ params: { id } });
  const { registry } = await client.getRegistry({ params: { id } });
  session.print(registry, (r) =>
    options.refresh
      ? `${r.plugins} plugins; see them with \`hitagi search --registry ${r.id}\`.${skippedText(session.io, r)}`
      : `Refresh it with \`hitagi registry refresh ${r.id}\` to see what it offers.`,
  );
  if (options.refresh) await noteOrphans(session, id);
};

/** Without the fields that are not given. */
const drop = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as Partial<T>;

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
    r.id === fallback.id,
    placeOf(r),
  ]);
  const head = ["ID", "NAME", "PROVIDER", "PLUGINS", "REFRESHED", "DEFAULT", "PLACE"];
  session.print(registries, () =>
    rows.length > 0
      ? table(session.io, head, rows)
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

/** `hitagi registry …`: where plugins come from. */
export const registryCommands = (program: Command, io: Io): void => {
  const registry = bare(program, "registry", "Where plugins come from.", "hitagi registry list");
  leaf(
    registry,
    "add <source>",
    "Add a registry by its address or folder, and refresh it.",
    "hitagi registry add ./examples/registry",
    "hitagi registry add https://example.org/registry --name Example",
  )
    .option("--name <name>", "what to call it; else taken from the source")
    .addOption(
      new Option("--provider <provider>", "how it is reached; else taken from the source").choices(
        Provider.enum,
      ),
    )
    .option("--ref <ref>", "branch or tag, for a git forge")
    .option("--path <path>", "folder of registry.json inside it")
    .option("--lenient", "skip bad plugins and versions of its index, instead of refusing all of it")
    .option("--default", "make it the default")
    .option("--no-refresh", "do not fetch its index now")
    .action(withSession(io, add));
  leaf(registry, "list", "List the registries.", "hitagi registry list --json").action(withSession(io, list));
  leaf(
    registry,
    "refresh [registries...]",
    "Fetch the index of some registries, by id or name, or of all; one that fails does not stop the others.",
    "hitagi registry refresh Example",
  ).action(withSession(io, refreshMany));
  registryUpdateCommand(registry, io);
  registryCheckCommand(registry, io);
  registryRemoveCommand(registry, io);
  leaf(
    registry,
    "default [registry]",
    "Show, set or clear the registry that installs prefer.",
    "hitagi registry default Example",
    "hitagi registry default --clear",
  )
    .option("--clear", "have no default")
    .action(withSession(io, fallback));
};
