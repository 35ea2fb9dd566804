import type { Client, Registry } from "@hitagi/contract";
import type { Command } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { type Session, withSession } from "../session.ts";
import { noteOrphans } from "./registry-orphans.ts";
import { refreshOne, skippedText } from "./registry-refresh.ts";
import { failureOf, findRegistry, type PlaceOptions, withPlace } from "./registry-test.ts";

interface AddOptions extends PlaceOptions {
  lenient?: boolean;
  default?: boolean;
  refresh: boolean;
}

type Place = Pick<Registry, "url" | "ref" | "path" | "folder">;

/** Where a registry is, in one line. */
export const placeOf = ({ url, ref, folder, path }: Place): string =>
  [url, ref, folder, path].filter(Boolean).join(" ");

/** The same place twice would offer every plugin twice. @throws CommandFailed */
const checkNew = async (client: Client, fields: Place & Pick<Registry, "provider">): Promise<void> => {
  const { registries } = await client.listRegistries({});
  const same = registries.find((r) => r.provider === fields.provider && placeOf(r) === placeOf(fields));
  if (!same) return;
  throw new CommandFailed(
    `This registry is there already, as ${same.id} (${same.name}).`,
    `Fetch its index anew with \`hitagi registry refresh ${same.id}\`.`,
  );
};

/**
 * A place without a registry was most likely mistyped, and is not added. One whose index is not valid is: its owner may set
 * it lenient, or wait for its keeper.
 */
const add = async (session: Session, source: string, options: AddOptions): Promise<void> => {
  const { client, io } = session;
  const { found, secret } = await findRegistry(session, source, options, options.refresh);
  const failure = failureOf(found);
  if (failure) {
    session.say(`${found.name} was not added. With --no-refresh it is added without being fetched.`);
    throw failure;
  }
  const { name, provider, url, ref, path, folder } = found;
  const place = {
    provider,
    ...(url !== undefined && { url }),
    ...(ref !== undefined && { ref }),
    ...(path !== undefined && { path }),
    ...(folder !== undefined && { folder }),
  };
  await checkNew(client, place);
  const lenient = options.lenient ? { lenient: true } : {};
  const { id } = await client.createRegistry({ body: { name, ...place, ...lenient, ...secret } });
  session.say(`Added registry ${id} (${name}), a ${provider} registry.`);
  if (options.refresh) await refreshOne(session, { id, name });
  if (options.default) await client.setDefaultRegistry({ params: { id } });
  const { registry } = await client.getRegistry({ params: { id } });
  session.print(registry, (r) =>
    options.refresh
      ? `${r.plugins} plugins; see them with \`hitagi search --registry ${r.id}\`.${skippedText(io, r)}`
      : `Refresh it with \`hitagi registry refresh ${r.id}\` to see what it offers.`,
  );
  if (options.refresh) await noteOrphans(session, id);
};

/** `hitagi registry add`: a registry by any address that people paste. */
export const registryAddCommand = (registry: Command, io: Io): void => {
  withPlace(
    leaf(
      registry,
      "add <source>",
      "Add a registry by its address or folder, find out how it is reached, and refresh it.",
      "hitagi registry add ./examples/registry",
      "hitagi registry add https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry add https://example.org/registry --name Example",
    ).option("--name <name>", "what to call it; else taken from the source"),
  )
    .option("--lenient", "skip bad plugins and versions of its index, instead of refusing all of it")
    .option("--default", "make it the default")
    .option("--no-refresh", "do not fetch its index now, and take the address for what it looks like")
    .action(withSession(io, add));
};
