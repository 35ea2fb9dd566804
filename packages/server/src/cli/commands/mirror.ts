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

/** Why a mirror gets no plugin file, and which command gives it some. */
const nothingChosen = (name: string, place: string): string[] => [
  `A mirror has the files of the installed versions, and no version that ${name} offers is installed here.`,
  `hint: Copy all with \`hitagi mirror ${place} --all\`, those of single plugins with \`hitagi mirror ${place} NAMESPACE\`, or install some first.`,
];

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
  const { head, files } = plan;
  const { hasRegistry, writeMirror } = await import("../mirror-folder.ts");
  const chooses = all || plugins !== undefined;
  // A mirror that is there gets the keeper's newer files all the same, such as what was yanked.
  if (files.length === 0 && !chooses && !(await hasRegistry(folder))) {
    session.print(
      { folder, registry: id, head, copied: 0, there: 0 },
      () => `Nothing was mirrored to ${place}.`,
    );
    session.say(nothingChosen(name, place));
    return;
  }
  const copied = await writeMirror(session, id, { folder, place }, plan);
  const there = files.length - copied;
  const counted =
    files.length === 0
      ? "its index, and no plugin file"
      : `${copied} plugin ${copied === 1 ? "file" : "files"} copied, ${there} there already`;
  session.print({ folder, registry: id, head, copied, there }, () => [
    `Mirrored ${name} to ${place}: ${counted}${head ? `, at head ${head.sequence}` : ""}.`,
    `On another server: \`hitagi registry add ${place}\`.`,
  ]);
  if (files.length === 0 && !chooses) session.say(nothingChosen(name, place));
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
