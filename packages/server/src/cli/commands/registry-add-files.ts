import path from "node:path";
import type { VersionChange } from "../../keeper/versions.ts";
import type { NewFile } from "../../keeper/write-files.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type Io, signalOf } from "../io.ts";
import type { Lines } from "../safe-text.ts";
import type { Printer } from "../session.ts";
import { bundleFailure } from "../source-failure.ts";
import { changeLines, timesOf } from "./registry-sign.ts";

/**
 * Loads plugin files that are put into a registry's folder, as a build would.
 * @param given absolute paths
 * @returns the files to write, with readmes and changelogs, and what the next build publishes
 * @throws CommandFailed if a file cannot be published; HitagiError if one does not load; KeeperError
 */
export const planAdded = async (
  io: Io,
  folder: string,
  given: readonly string[],
): Promise<{ files: NewFile[]; changes: VersionChange[] }> => {
  const [{ planBuild }, { readAdded }, { withVetting }] = await Promise.all([
    import("../../keeper/build/build.ts"),
    import("../../keeper/build/add-files.ts"),
    import("../../app/check-registry.ts"),
  ]);
  const { time } = await timesOf(io, {});
  const signal = signalOf(io);
  const { added, texts, changes, problems } = await withVetting(io.env, async (vet) => {
    const read = await readAdded(folder, given, vet, signal).catch(bundleFailure);
    const { changes, problems } = await planBuild(folder, { vet, time, signal, added: read.added });
    return { ...read, changes, problems };
  });
  const places = added.map(({ file }) => file);
  const problem = problems.find(({ file }) => places.includes(file));
  if (problem)
    throw new CommandFailed(`${problem.file}: ${problem.reason}.`, `${problem.hint} Nothing was written.`);
  return { files: [...added.map(({ file, bytes }) => ({ file, content: bytes })), ...texts], changes };
};

/** What was put into a registry's folder, for a person. */
export const addedLines = (
  { files, changes }: { files: readonly NewFile[]; changes: readonly VersionChange[] },
  dir: string,
): Lines => [
  `Put ${files.map(({ file }) => file).join(", ")} into ${dir}. The next build publishes:`,
  ...(changes.length > 0 ? changeLines(changes) : ["  nothing new"]),
];

/**
 * Puts plugin files into a registry's folder, if they could be published from there.
 * @throws UsageError if it is no registry's folder; as `planAdded`
 */
export const addPluginFiles = async (
  { io, print }: Printer,
  files: readonly string[],
  { dir = "." }: { dir?: string | undefined },
): Promise<void> => {
  const folder = path.resolve(io.cwd, dir);
  const [{ isRegistryFolder }, { writeRegistryFiles }] = await Promise.all([
    import("../../keeper/build/new-registry.ts"),
    import("../../keeper/write-files.ts"),
  ]);
  if (!(await isRegistryFolder(folder)))
    throw new UsageError(
      `${dir} is no registry's folder: it has neither keeper.json nor registry.json.`,
      "Name the folder with --dir, or make one with `hitagi registry init`. To install a file on a server, use `hitagi sideload`.",
    );
  const given = files.map((file) => path.resolve(io.cwd, file));
  const planned = await planAdded(io, folder, given);
  await writeRegistryFiles(folder, planned.files);
  const { files: written, changes } = planned;
  print({ files: written.map(({ file }) => file), changes }, () => addedLines(planned, dir));
};
