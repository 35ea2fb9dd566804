import path from "node:path";
import type { Comparison } from "../../kit/port/compare.ts";
import type { PortedPlugin } from "../../kit/port/port-plugin.ts";
import type { Sandbox } from "../../kit/sandbox.ts";
import type { KitArchive } from "../../kit/types.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type PluginRunOptions, pluginRunOptions, settingsOf } from "../plugin-run.ts";
import { comparisonLines, portedLines, totalLine } from "../port-report.ts";
import { namesArchives, openRunArchives } from "../run-archives.ts";
import type { Printer } from "../session.ts";
import { sourceFailure } from "../source-failure.ts";

interface PortOptions extends PluginRunOptions {
  out?: string;
  dryRun?: boolean;
  compare?: boolean;
  live?: boolean;
}

/** A plugin, and how it did beside its original if that was asked for. */
type Ported = PortedPlugin & { compared: Comparison[] | null };

/** @throws UsageError for options that do not go together */
const assertOptions = (files: readonly string[], options: PortOptions): void => {
  const { out, dryRun, compare } = options;
  if (out !== undefined && files.length > 1)
    throw new UsageError("--out names one file, and several plugins were given.", "Leave --out away.");
  if (dryRun && compare)
    throw new UsageError("--compare runs the new file, and --dry-run writes none.", "Choose one of the two.");
  if (namesArchives(options) && !compare)
    throw new UsageError("Archives are for --compare.", "Add --compare, or leave --archive away.");
};

const compare = async (
  { io }: Printer,
  sandbox: Sandbox,
  { file, out, type }: PortedPlugin,
  archives: readonly KitArchive[],
  options: PortOptions,
): Promise<Comparison[]> => {
  const { arg, url, live } = options;
  if (type === "metadata" && archives.length === 0)
    throw new UsageError(
      "A metadata plugin works on an archive, and none is named.",
      `Name one: \`hitagi port ${path.basename(file)} --compare --archive comic.cbz\`.`,
    );
  const { comparePlugins } = await import("../../kit/port/compare.ts");
  return comparePlugins(sandbox, {
    ...{ perl: file, typeScript: out, archives, arg, url },
    network: live ? "live" : "record",
    settings: ({ manifest }) => settingsOf(io, manifest, options),
  }).catch(sourceFailure);
};

/** Ports one plugin. With --compare, a file that was ported before is compared as it is now. */
const portOne = async (
  printer: Printer,
  sandbox: Sandbox,
  name: string,
  archives: readonly KitArchive[],
  options: PortOptions,
): Promise<Ported> => {
  const { io } = printer;
  const { portPlugin, PortTargetExists } = await import("../../kit/port/port-plugin.ts");
  const { PerlSyntaxError } = await import("../../kit/port/perl/syntax-error.ts");
  const { out, dryRun = false } = options;
  const target = out === undefined ? undefined : path.resolve(io.cwd, out);
  const given = { out: target, dryRun, keepsOld: options.compare === true };
  const ported = await portPlugin(sandbox, path.resolve(io.cwd, name), given).catch((error: unknown) => {
    if (error instanceof PerlSyntaxError)
      throw new CommandFailed(`${name} is not read: ${error.message}.`, "Check it with `perl -c`.");
    if (!(error instanceof PortTargetExists)) return sourceFailure(error);
    throw new CommandFailed(
      `${path.relative(io.cwd, error.file)} exists already, and is left as it is.`,
      "Name another file with --out, or move it away. To compare it with its original, use --compare.",
    );
  });
  const compared = options.compare ? await compare(printer, sandbox, ported, archives, options) : null;
  return { ...ported, compared };
};

const port = async (printer: Printer, files: string[], options: PortOptions): Promise<void> => {
  const { io, print } = printer;
  assertOptions(files, options);
  const other = files.find((file) => !/\.pm$/i.test(file));
  if (other !== undefined)
    throw new UsageError(`${other} is no plugin in Perl.`, "Name a file that ends in .pm.");
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const { archives, close } = await openRunArchives(printer, options);
  const sandbox = await openSandbox({ standby: 0 });
  const ported: Ported[] = [];
  const failed: { file: string; error: CommandFailed }[] = [];
  try {
    for (const file of files)
      await portOne(printer, sandbox, file, archives, options).then(
        (one) => ported.push(one),
        (error: unknown) => {
          // Of several plugins, the others come over all the same.
          if (files.length === 1 || !(error instanceof CommandFailed)) throw error;
          failed.push({ file, error });
        },
      );
  } finally {
    await sandbox.close();
    await close();
  }
  const sum = (of: "statements" | "translated"): number => ported.reduce((all, one) => all + one[of], 0);
  const totals = { statements: sum("statements"), translated: sum("translated") };
  const [only] = files.length === 1 ? ported : [];
  const failures = failed.map(({ file, error: { message, hint = null } }) => ({ file, message, hint }));
  print(only ?? { ...totals, plugins: ported, failed: failures }, () => [
    ...ported.map((one) => [
      portedLines(io.cwd, one, options.dryRun ?? false),
      comparisonLines(one.compared ?? []),
    ]),
    ...failures.map(({ file, message }) => `${file}: ${message}`),
    ...(only ? [] : [totalLine(totals)]),
  ]);
  const [first] = failed;
  if (first)
    throw new CommandFailed(
      `${failed.length} of ${files.length} plugins could not be ported; the first is ${first.file}.`,
      first.error.hint,
    );
  const differing = ported.flatMap(({ compared }) => compared ?? []).filter(({ isSame }) => !isSame).length;
  if (differing > 0)
    throw new CommandFailed(
      `${differing === 1 ? "One run differs" : `${differing} runs differ`} from Perl.`,
      "What differs is above. Correct the file, then compare it again.",
    );
};

/** `hitagi port`: writes plugins in Perl as TypeScript, and compares both. Needs no server. */
export const portCommand = (program: CliCommand): void => {
  program
    .local(
      "port <files...>",
      "Write a plugin in Perl as TypeScript: what can be translated, and the rest as comments. Needs no server.",
    )
    .examples(
      "hitagi port InfoFile.pm",
      "hitagi port InfoFile.pm --compare --archive comic.cbz",
      "hitagi port *.pm --dry-run",
    )
    .option("--out <file>", "the file to write; by default <namespace>.ts beside the source")
    .option("--dry-run", "say what would come over, and write nothing")
    .option("--compare", "run both on the same archives, settings and answers, and show where they differ")
    .option("--live", "with --compare: send the requests to their sites, and record them anew")
    .use(pluginRunOptions)
    .runLocal(port);
};
