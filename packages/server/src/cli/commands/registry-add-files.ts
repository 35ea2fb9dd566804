import path from "node:path";
import { bundleFailure } from "../bundle-failure.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { signalOf } from "../io.ts";
import type { Printer } from "../session.ts";
import { changeLines, timesOf } from "./registry-sign.ts";

/**
 * Puts plugin files into a registry's folder, if they could be published from there.
 * @throws UsageError if it is no registry's folder, CommandFailed if a file cannot be published
 */
export const addPluginFiles = async (
  { io, print }: Printer,
  files: readonly string[],
  { dir = "." }: { dir?: string | undefined },
): Promise<void> => {
  const folder = path.resolve(io.cwd, dir);
  const [{ isRegistryFolder }, { planBuild }, { readAdded }, { withVetting }, { writeRegistryFiles }] =
    await Promise.all([
      import("../../keeper/build/new-registry.ts"),
      import("../../keeper/build/build.ts"),
      import("../../keeper/build/add-files.ts"),
      import("../../app/check-registry.ts"),
      import("../../keeper/write-files.ts"),
    ]);
  if (!(await isRegistryFolder(folder)))
    throw new UsageError(
      `${dir} is no registry's folder: it has neither keeper.json nor registry.json.`,
      "Name the folder with --dir, or make one with `hitagi registry init`. To install a file on a server, use `hitagi sideload`.",
    );
  const { time } = await timesOf(io, {});
  const signal = signalOf(io);
  const given = files.map((file) => path.resolve(io.cwd, file));
  const { added, changes, problems } = await withVetting(io.env, async (vet) => {
    const added = await readAdded(folder, given, vet, signal).catch(bundleFailure);
    return { added, ...(await planBuild(folder, { vet, time, signal, added })) };
  });
  const places = added.map(({ file }) => file);
  const problem = problems.find(({ file }) => places.includes(file));
  if (problem)
    throw new CommandFailed(`${problem.file}: ${problem.reason}.`, `${problem.hint} Nothing was written.`);
  await writeRegistryFiles(
    folder,
    added.map(({ file, bytes }) => ({ file, content: bytes })),
  );
  print({ files: places, changes }, () => [
    `Put ${places.join(", ")} into ${dir}. The next build publishes:`,
    ...(changes.length > 0 ? changeLines(changes) : ["  nothing new"]),
  ]);
};
