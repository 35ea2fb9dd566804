import path from "node:path";
import type { BroughtText } from "../../keeper/build/plugin-texts.ts";
import type { VersionChange } from "../../keeper/versions.ts";
import type { NewFile } from "../../keeper/write-files.ts";
import { askYesNo } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type Io, isInteractive, signalOf } from "../io.ts";
import type { Lines } from "../safe-text.ts";
import type { Printer } from "../session.ts";
import { bundleFailure } from "../source-failure.ts";
import { changeLines, timesOf } from "./registry-sign.ts";

/** Plugin files that are put into a registry's folder, with their texts. */
interface AddPlan {
  files: NewFile[];
  changes: VersionChange[];
  /** Where each text that is written comes from. */
  texts: { file: string; source: string }[];
  /** Texts of the registry that stay, and the other texts that were found. */
  kept: { file: string; source: string }[];
}

/** A path as a person would give it: relative to the current folder, unless it lies above. */
const shownPath = ({ cwd }: Io, file: string): string => {
  const relative = path.relative(cwd, file);
  return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
};

/** Whether a text may take its place. Another text of the registry may be the keeper's own: it is replaced only on their word. */
const mayWrite = async (io: Io, { file, source, differs }: BroughtText, yes: boolean): Promise<boolean> => {
  if (!differs || yes) return true;
  return (
    isInteractive(io) &&
    askYesNo(io, `${file} of the registry differs from ${shownPath(io, source)}. Replace it?`)
  );
};

/**
 * Loads plugin files that are put into a registry's folder, as a build would.
 * @param given absolute paths
 * @param yes replaces texts of the registry that differ, without a question
 * @returns the files to write, with readmes and changelogs, and what the next build publishes
 * @throws CommandFailed if a file cannot be published; HitagiError if one does not load; KeeperError
 */
export const planAdded = async (
  io: Io,
  folder: string,
  given: readonly string[],
  { yes = false }: { yes?: boolean | undefined } = {},
): Promise<AddPlan> => {
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
  const files: NewFile[] = added.map(({ file, bytes }) => ({ file, content: bytes }));
  const plan: AddPlan = { files, changes, texts: [], kept: [] };
  for (const text of texts) {
    const { file, content } = text;
    const origin = { file, source: shownPath(io, text.source) };
    if (await mayWrite(io, text, yes)) {
      files.push({ file, content });
      plan.texts.push(origin);
    } else plan.kept.push(origin);
  }
  return plan;
};

/** What was put into a registry's folder, for a person. */
export const addedLines = ({ files, changes, texts, kept }: AddPlan, dir: string): Lines => [
  ...texts.map(({ file, source }) => `Brought along ${file} from ${source}.`),
  ...kept.map(
    ({ file, source }) =>
      `Kept ${file}, which differs from ${source}. To replace it: \`hitagi registry add\` with the plugin's file and --yes.`,
  ),
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
  { dir = ".", yes }: { dir?: string | undefined; yes?: boolean | undefined },
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
  const planned = await planAdded(io, folder, given, { yes });
  await writeRegistryFiles(folder, planned.files);
  const { files: written, changes, texts, kept } = planned;
  print({ files: written.map(({ file }) => file), changes, texts, kept }, () => addedLines(planned, dir));
};
