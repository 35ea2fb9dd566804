import path from "node:path";
import type { Client, Registry } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";

interface MirrorOptions {
  registry?: string;
  all?: boolean;
}

/** The named registry, the default one, or the only one. @throws UsageError, CommandFailed */
const registryOf = async (client: Client, given: string | undefined): Promise<Registry> => {
  if (given !== undefined) return chooseRegistry(client, given);
  const [{ registries }, { id }] = await Promise.all([
    client.listRegistries({}),
    client.getDefaultRegistry({}),
  ]);
  const [only, another] = registries;
  const found = registries.find((one) => one.id === id) ?? (another ? undefined : only);
  if (found) return found;
  throw new UsageError(
    only ? "There are several registries, and none is the default." : "There is no registry to mirror.",
    only
      ? "Name one with --registry; each needs a folder of its own."
      : "Add one with `hitagi registry add`.",
  );
};

const mirror = async (
  session: Session,
  place: string,
  names: string[],
  { registry: given, all = false }: MirrorOptions,
): Promise<void> => {
  const { client, io } = session;
  const folder = path.resolve(io.cwd, place);
  const { id, name } = await registryOf(client, given);
  const plugins = names.length > 0 ? names : undefined;
  const plan = await client.planMirror({ params: { id }, body: { all, plugins } });
  const { writeMirror } = await import("../mirror-folder.ts");
  const copied = await writeMirror(session, id, { folder, place }, plan);
  const there = plan.files.length - copied;
  const { head } = plan;
  session.print({ folder, registry: id, head, copied, there }, () => [
    `Mirrored ${name} to ${place}: ${copied} plugin ${copied === 1 ? "file" : "files"} copied, ${there} there already${head ? `, at head ${head.sequence}` : ""}.`,
    `On another server: \`hitagi registry add ${place}\`.`,
  ]);
};

/** `hitagi mirror`. */
export const mirrorCommand = (program: CliCommand): void => {
  program
    .remote(
      "mirror <folder> [plugins...]",
      "Copy a registry into a folder that is a registry itself, for servers without internet: its index, details and head whole, and the files of the installed versions, or of all versions of the named plugins. Repeated, it copies only what is new.",
    )
    .examples(
      "hitagi mirror /media/stick/plugins",
      "hitagi mirror /media/stick/plugins title-cleaner --registry Example",
      "hitagi mirror /srv/mirror --all",
    )
    .option(
      "--registry <registry>",
      "the registry, by id or name; by default the default one, or the only one",
    )
    .option("--all", "copy the files of all plugins in all versions")
    .runRemote(mirror);
};
