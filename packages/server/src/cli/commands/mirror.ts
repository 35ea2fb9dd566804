import path from "node:path";
import { type Client, MIRROR_FILE, MirrorMark, type Output, type Registry } from "@hitagi/contract";
import { isHeadFile, verifyHead } from "@hitagi/trust";
import { Value } from "typebox/value";
import { readIfThere } from "../../disk/files.ts";
import { makeFolder } from "../../disk/folders.ts";
import { hashFile, sha256Of } from "../../disk/sha256.ts";
import { HEAD_FILE, INDEX_FILE } from "../../keeper/registry-files.ts";
import { writeRegistryFiles } from "../../keeper/write-files.ts";
import { safeSegments } from "../../sources/relative-path.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { chooseRegistry } from "../lookup.ts";
import { progressLine } from "../progress-line.ts";
import type { Session } from "../session.ts";

interface MirrorOptions {
  registry?: string;
  all?: boolean;
}

type Plan = Output<"planMirror">;
type Wanted = Pick<Plan["documents"][number], "path" | "sha256">;

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

/** @throws CommandFailed where the folder holds another registry, or a newer copy than the server reads */
const checkFolder = async (folder: string, place: string, { mark, head }: Plan): Promise<void> => {
  const [index, known, note] = await Promise.all(
    [INDEX_FILE, MIRROR_FILE, HEAD_FILE].map((file) => readIfThere(path.join(folder, file))),
  );
  if (index === undefined) return;
  const other = (reason: string) =>
    new CommandFailed(`${place} ${reason}.`, "Name another folder: a mirror needs one of its own.");
  if (known === undefined) throw other("holds a registry that is no mirror");
  const before: unknown = JSON.parse(known.toString("utf8"));
  if (!Value.Check(MirrorMark, before)) throw other("holds a registry that is no mirror");
  const isSame = mark.fingerprint ? before.fingerprint === mark.fingerprint : before.of === mark.of;
  if (!isSame) throw other(`holds a mirror of another registry, ${before.of}`);
  if (!note || !isHeadFile(note)) return;
  const there = verifyHead(note);
  const isNewer =
    !head || there.epoch > head.epoch || (there.epoch === head.epoch && there.sequence > head.sequence);
  if (isNewer)
    throw new CommandFailed(
      `${place} has a newer head (${there.sequence}) than this server accepts (${head?.sequence ?? "none"}).`,
      "Nothing was changed. Another server wrote the mirror: refresh the registry on this one, or mirror it from there.",
    );
};

/** Fetches a file of the plan. @throws CommandFailed where the registry changed meanwhile */
const fetchFile = async (
  { client }: Session,
  id: string,
  { path: file, sha256 }: Wanted,
): Promise<Buffer> => {
  const body = await client.getMirrorFile({ params: { id }, query: { path: file } });
  const bytes = Buffer.from(await new Response(body).arrayBuffer());
  if (sha256Of(bytes) === sha256) return bytes;
  throw new CommandFailed(
    `${file} is not the file that the index names.`,
    "The registry is being published, or its files were changed. Mirror it again later; the mirror is as it was.",
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
  await checkFolder(folder, place, plan);
  await makeFolder(folder);
  const isThere = async ({ path: file, sha256 }: Wanted): Promise<boolean> =>
    (await hashFile(folder, safeSegments(file).join("/"))) === sha256;
  const line = progressLine(io);
  let copied = 0;
  try {
    for (const [n, file] of plan.files.entries()) {
      if (await isThere(file)) continue;
      line.show(() => `${file.namespace} ${file.version}: ${n + 1}/${plan.files.length}`);
      await writeRegistryFiles(folder, [{ file: file.path, content: await fetchFile(session, id, file) }]);
      copied++;
    }
    const documents = [];
    for (const file of plan.documents)
      documents.push({ file: file.path, content: await fetchFile(session, id, file) });
    const mark = { file: MIRROR_FILE, content: `${JSON.stringify(plan.mark, null, 2)}\n` };
    // The head is the last of them: it names the files that are then all there.
    await writeRegistryFiles(folder, [mark, ...documents]);
  } finally {
    line.clear();
  }
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
