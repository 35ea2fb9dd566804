import path from "node:path";
import type { BuildPlan } from "../../keeper/build/build.ts";
import type { BuildProblem } from "../../keeper/build/plugin-files.ts";
import type { SignPlan } from "../../keeper/sign.ts";
import type { VersionChange } from "../../keeper/versions.ts";
import type { FindTypeProblems } from "../../kit/check/type-problems.ts";
import type { Finding } from "../../kit/check/types.ts";
import type { Sandbox } from "../../kit/sandbox.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { annotateFindings, findingLines, writeCodeQuality } from "../finding-lines.ts";
import { permissionTexts, sentence } from "../format.ts";
import { type Io, signalOf } from "../io.ts";
import type { Printer } from "../session.ts";
import { hasSigningKey, type SigningKeyOptions, signingKeyFrom, signingKeyOptions } from "../signing-key.ts";
import { table } from "../table.ts";
import {
  changeLines,
  type HeadOptions,
  headOptions,
  type PublishedOptions,
  publishedOptions,
  readPublished,
  timesOf,
} from "./registry-sign.ts";

export interface BuildOptions extends SigningKeyOptions, PublishedOptions, HeadOptions {
  codeQuality?: string;
}

export const buildOptions = (command: CliCommand): unknown =>
  command
    .use(signingKeyOptions)
    .use(publishedOptions)
    .use(headOptions)
    .option(
      "--code-quality <file>",
      "write the findings of new versions as a Code Quality report of GitLab too",
    );

const columns = { FILE: "file", REASON: "reason", "WHAT TO DO": "hint" } as const;

const placeOf = ({ file, finding }: BuildProblem): string =>
  finding ? `${finding.file}:${finding.line}:${finding.column}` : file;

/** @throws CommandFailed if files cannot be published */
const checkProblems = async (
  { io, print }: Printer,
  { problems, warnings }: BuildPlan,
  { codeQuality }: BuildOptions,
): Promise<void> => {
  const findings = problems.flatMap(({ finding }) => finding ?? []);
  annotateFindings(io, [...findings, ...warnings]);
  await writeCodeQuality(io, codeQuality, [...findings, ...warnings]);
  const [first] = problems;
  if (!first) return;
  const others = problems.filter(({ finding }) => finding === undefined);
  print({ problems }, () => [
    ...(others.length > 0 ? [table(io, columns, others)] : []),
    findingLines(findings),
  ]);
  const files = new Set(problems.map(({ file }) => file)).size;
  const one = `${placeOf(first)}: ${sentence(first.reason)}`;
  throw new CommandFailed(
    files === 1 ? one : `${files} files cannot be published; the first is ${one}`,
    `${first.hint} Nothing was written.`,
  );
};

/** The checks of authors, in a sandbox that is opened for the first source. */
export const withChecks = async <T>(
  { cwd }: Io,
  work: (check: (source: string) => Promise<Finding[]>) => Promise<T>,
): Promise<T> => {
  let opened: Promise<{ sandbox: Sandbox; findTypeProblems: FindTypeProblems }> | undefined;
  const open = async () => {
    const [{ openSandbox }, { shareTypeProblems }] = await Promise.all([
      import("../../kit/sandbox.ts"),
      import("../../kit/check/type-problems.ts"),
    ]);
    return { sandbox: await openSandbox(), findTypeProblems: shareTypeProblems() };
  };
  try {
    return await work(async (source) => {
      opened ??= open();
      const { sandbox, findTypeProblems } = await opened;
      const { checkPlugin } = await import("../../kit/check/check-plugin.ts");
      return (await checkPlugin(sandbox, source, cwd, { findTypeProblems })).findings;
    });
  } finally {
    await (await opened)?.sandbox.close();
  }
};

/** A build that is planned, with the head that signs it. */
export interface PlannedBuild
  extends Pick<BuildPlan, "changes" | "files" | "details" | "index" | "warnings"> {
  signing: SignPlan | undefined;
}

/**
 * Plans the build of a folder, and its head where there is a key.
 * @throws CommandFailed, KeeperError, UsageError
 */
export const planFolder = async (
  printer: Printer,
  folder: string,
  options: BuildOptions,
): Promise<PlannedBuild> => {
  const { io } = printer;
  const [{ planBuild }, { withVetting }, { checkOutside, planSigning }] = await Promise.all([
    import("../../keeper/build/build.ts"),
    import("../../app/check-registry.ts"),
    import("../../keeper/sign.ts"),
  ]);
  if (options.key !== undefined) await checkOutside(folder, path.resolve(io.cwd, options.key));
  const times = await timesOf(io, options);
  const signal = signalOf(io);
  const plan = await withVetting(io.env, (vet) =>
    withChecks(io, (check) => planBuild(folder, { vet, check, base: io.cwd, time: times.time, signal })),
  );
  await checkProblems(printer, plan, options);
  const { changes, files, details, index, warnings } = plan;
  if (warnings.length > 0) printer.say(findingLines(warnings));
  if (!hasSigningKey(io, options)) return { changes, files, details, index, warnings, signing: undefined };
  const key = await signingKeyFrom(io, options);
  const published = await readPublished(printer, folder, options);
  const signing = await planSigning(folder, { key, published, ...times }, files);
  // What a head says for the first time may have been written before it, for example by a yank.
  return { changes: signing.changes, files, details, index, warnings, signing };
};

/** Writes a planned build, the head last. */
export const writeBuild = async (folder: string, { files, signing }: PlannedBuild): Promise<void> => {
  const { writeRegistryFiles } = await import("../../keeper/write-files.ts");
  const all = [...files, ...(signing?.files ?? [])];
  if (all.length > 0) await writeRegistryFiles(folder, all);
};

/** A line for each version that changed, with what a new one asks for. */
const diffLines = (changes: readonly VersionChange[], { plugins }: BuildPlan["details"]): string[] => {
  const lines = changeLines(changes);
  return changes.map(({ namespace, version, change }, n) => {
    const asked = permissionTexts(plugins[namespace]?.versions?.[version]?.permissions ?? {});
    return `${lines[n]}${change === "added" && asked.length > 0 ? `, asks for: ${asked.join(", ")}` : ""}`;
  });
};

/** What a build changes, in words. */
export const buildLines = ({ changes, files, details, signing }: PlannedBuild, dryRun: boolean): string[] => {
  const written = [...files, ...(signing?.files ?? [])];
  if (written.length === 0) return ["Nothing changed."];
  const { keys, sequence } = signing ?? {};
  return [
    ...diffLines(changes, details),
    `${dryRun ? "Would write" : "Wrote"} ${written.map(({ file }) => file).join(", ")}.`,
    ...(keys && signing?.file !== undefined
      ? [`${dryRun ? "Would sign" : "Signed"} head ${sequence} of ${keys.origin}, epoch ${keys.epoch}.`]
      : []),
  ];
};

/** What a build changes, for programs. */
export const buildData = ({ changes, files, signing, warnings }: PlannedBuild, dryRun: boolean) => ({
  dryRun,
  findings: warnings,
  changes,
  files: [...files, ...(signing?.files ?? [])].map(({ file }) => file),
  head:
    signing === undefined
      ? null
      : { origin: signing.keys.origin, epoch: signing.keys.epoch, sequence: signing.sequence },
});

/** Says that a signed folder needs a new head. */
export const noteUnsigned = async (
  { say }: Pick<Printer, "say">,
  folder: string,
  { files, signing }: PlannedBuild,
): Promise<void> => {
  if (signing || files.length === 0) return;
  const { HEAD_FILE } = await import("../../keeper/registry-files.ts");
  const { exists } = await import("../../disk/files.ts");
  if (await exists(path.join(folder, HEAD_FILE)))
    say("registry.head is of the files before. Sign these with `hitagi registry sign` before you publish.");
};

/** Names the plugin files beside the folder of plugins, with the command that takes them in. */
export const noteLoose = async (
  { say }: Pick<Printer, "say">,
  place: string,
  folder: string,
): Promise<void> => {
  const { findLooseFiles } = await import("../../keeper/build/plugin-files.ts");
  const loose = await findLooseFiles(folder);
  if (loose.length === 0) return;
  const files = loose.map((name) => path.join(place, name)).join(" ");
  say([
    `${loose.join(", ")} ${loose.length === 1 ? "is" : "are"} left out: a build reads the folder plugins only.`,
    `hint: Take ${loose.length === 1 ? "it" : "them"} in with \`hitagi registry add ${files} --dir ${place}\`.`,
  ]);
};

const build = async (printer: Printer, place: string, options: BuildOptions): Promise<void> => {
  const folder = path.resolve(printer.io.cwd, place);
  const planned = await planFolder(printer, folder, options);
  const { dryRun = false } = options;
  if (!dryRun) await writeBuild(folder, planned);
  printer.print(buildData(planned, dryRun), () => buildLines(planned, dryRun));
  await noteLoose(printer, place, folder);
  await noteUnsigned(printer, folder, planned);
};

/** `hitagi registry build`: registry.json and its details from the plugins in a folder. */
export const registryBuildCommand = (registry: CliCommand): void => {
  registry
    .local(
      "build <folder>",
      "Build registry.json and its details from the plugins in a folder, and sign them where there is a key. Needs no server.",
    )
    .examples(
      "hitagi registry build ./my-registry --dry-run",
      "hitagi registry build ./my-registry --key ~/registry.key",
    )
    .use(buildOptions)
    .option("--json", "print the data as JSON")
    .runLocal(build);
};
