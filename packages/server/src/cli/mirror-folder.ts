import path from "node:path";
import { MIRROR_FILE, MirrorMark, type Output } from "@hitagi/contract";
import { isHeadFile, verifyHead } from "@hitagi/trust";
import { Value } from "typebox/value";
import { exists, readIfThere } from "../disk/files.ts";
import { makeFolder } from "../disk/folders.ts";
import { hashFile, sha256Of } from "../disk/sha256.ts";
import { HEAD_FILE, INDEX_FILE } from "../keeper/registry-files.ts";
import { writeRegistryFiles } from "../keeper/write-files.ts";
import { safeSegments } from "../sources/relative-path.ts";
import { CommandFailed } from "./failure.ts";
import { progressLine } from "./progress-line.ts";
import type { Session } from "./session.ts";

type Plan = Output<"planMirror">;
type Wanted = Plan["documents"][number] & { namespace?: string };

/** The mark of a mirror; undefined where the file is none. */
const markIn = (file: Buffer): MirrorMark | undefined => {
  try {
    const mark: unknown = JSON.parse(file.toString("utf8"));
    return Value.Check(MirrorMark, mark) ? mark : undefined;
  } catch {
    return undefined;
  }
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
  const before = markIn(known);
  if (before === undefined) throw other(`has a ${MIRROR_FILE} that cannot be read`);
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
  { path: file, sha256, namespace }: Wanted,
): Promise<Buffer> => {
  const body = await client.getMirrorFile({ params: { id }, query: { path: file, namespace } });
  const bytes = Buffer.from(await new Response(body).arrayBuffer());
  if (sha256Of(bytes) === sha256) return bytes;
  throw new CommandFailed(
    `${file} is not the file that the index names.`,
    "The registry is being published, or its files were changed. Mirror it again later; the mirror is as it was.",
  );
};

/** Whether a folder has a registry already. */
export const hasRegistry = (folder: string): Promise<boolean> => exists(path.join(folder, INDEX_FILE));

/**
 * Copies what a plan names into a folder: the plugin files first, the head last.
 * @param place the folder as the user gave it
 * @returns the number of plugin files that were copied, and were not there yet
 * @throws CommandFailed where the folder is not this registry's mirror, or the registry changed meanwhile
 */
export const writeMirror = async (
  session: Session,
  id: string,
  { folder, place }: { folder: string; place: string },
  plan: Plan,
): Promise<number> => {
  await checkFolder(folder, place, plan);
  await makeFolder(folder);
  const isThere = async ({ path: file, sha256 }: Wanted): Promise<boolean> =>
    (await hashFile(folder, safeSegments(file).join("/"))) === sha256;
  const line = progressLine(session.io);
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
  return copied;
};
