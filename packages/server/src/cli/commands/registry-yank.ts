import path from "node:path";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import type { Printer } from "../session.ts";
import { timesOf } from "./registry-sign.ts";

interface YankOptions {
  reason: string;
  dangerous?: boolean;
  dir: string;
  dryRun?: boolean;
  yes?: boolean;
}

const yank = async (
  { io, print }: Printer,
  namespace: string,
  version: string,
  { reason, dangerous = false, dir, dryRun = false, yes }: YankOptions,
): Promise<void> => {
  const folder = path.resolve(io.cwd, dir);
  const [{ planYank }, { writeRegistryFiles }] = await Promise.all([
    import("../../keeper/build/yank.ts"),
    import("../../keeper/write-files.ts"),
  ]);
  const { time } = await timesOf(io, {});
  const files = await planYank(folder, { namespace, version, reason, dangerous, time });
  if (!dryRun) {
    const what = `${namespace} ${version} will be yanked. Once that is published, it stays so.`;
    await confirm(io, { what, ask: "Yank it?", does: "yank it" }, { ...(yes && { yes }) });
    await writeRegistryFiles(folder, files);
  }
  print({ namespace, version, reason, dangerous, dryRun }, () => [
    `${dryRun ? "Would yank" : "Yanked"} ${namespace} ${version}: ${reason}`,
    dangerous
      ? "Servers that have it will stop it, once this is signed and published."
      : "Servers that have it keep it, and tell their owners the reason. With --dangerous they stop it.",
  ]);
};

/** `hitagi registry yank`: withdraws a version of a registry. */
export const registryYankCommand = (registry: CliCommand): void => {
  registry
    .local("yank <namespace> <version>", "Withdraw a published version permanently. Needs no server.")
    .examples("hitagi registry yank echo 1.0.0 --reason 'It deletes titles.' --yes")
    .requiredOption("--reason <text>", "why, for owners")
    .option("--dangerous", "installed copies do harm: servers stop them")
    .option("--dir <folder>", "the registry's folder", ".")
    .option("--dry-run", "say what would be done, and write nothing")
    .option("-y, --yes", "do not ask")
    .option("--json", "print the data as JSON")
    .runLocal(yank);
};
