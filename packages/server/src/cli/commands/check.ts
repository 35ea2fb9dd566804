import path from "node:path";
import type { CheckedPlugin } from "../../kit/check/check-plugin.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import { annotateFindings, findingLines, writeCodeQuality } from "../finding-lines.ts";
import type { Lines } from "../safe-text.ts";
import type { Printer } from "../session.ts";

interface CheckOptions {
  score?: boolean;
  codeQuality?: string;
}

const scoreLines = (cwd: string, { file, score }: CheckedPlugin): Lines => [
  `${path.relative(cwd, file)}: ${score.points} of 100 points`,
  score.parts.map(
    ({ name, points, of, reason }) => `  ${name.padEnd(14)} ${String(points).padStart(2)}/${of}  ${reason}`,
  ),
];

const check = async (
  printer: Printer,
  place: string,
  { score, codeQuality }: CheckOptions,
): Promise<void> => {
  const { io } = printer;
  const { checkPlugin, duplicates } = await import("../../kit/check/check-plugin.ts");
  const { shareTypeProblems } = await import("../../kit/check/type-problems.ts");
  const { openSandbox } = await import("../../kit/sandbox.ts");
  const { pluginFiles } = await import("../../kit/files.ts");
  const files = await pluginFiles(path.resolve(io.cwd, place));
  if (files.length === 0)
    throw new CommandFailed(`There is no plugin in ${place}.`, "Name a plugin file, or a folder with some.");
  const sandbox = await openSandbox();
  const findTypeProblems = shareTypeProblems();
  const checked: CheckedPlugin[] = [];
  try {
    for (const file of files) checked.push(await checkPlugin(sandbox, file, io.cwd, { findTypeProblems }));
  } finally {
    await sandbox.close();
  }
  const findings = [...checked.flatMap((one) => one.findings), ...duplicates(checked, io.cwd)];
  annotateFindings(io, findings);
  await writeCodeQuality(io, codeQuality, findings);
  const plugins = checked.map((one) => ({
    file: path.relative(io.cwd, one.file),
    namespace: one.plugin?.manifest.namespace ?? null,
    version: one.plugin?.manifest.version ?? null,
    ...(score && { score: one.score }),
  }));
  const good = `${files.length === 1 ? place : `${files.length} plugins`}: nothing to mend.`;
  printer.print({ findings, plugins }, () => [
    findings.length > 0 ? findingLines(findings) : good,
    ...(score ? checked.map((one) => scoreLines(io.cwd, one)) : []),
  ]);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  if (errors > 0)
    throw new CommandFailed(`${errors} ${errors === 1 ? "error" : "errors"}.`, "Each has its cure above.");
};

/** `hitagi check`: loads plugins in the sandbox, runs them under odd conditions, and says what to mend. Needs no server. */
export const checkCommand = (program: CliCommand): void => {
  program
    .local("check <place>", "Check a plugin file, or all in a folder, and say what to mend. Needs no server.")
    .examples("hitagi check my-plugin.ts", "hitagi check . --score", "hitagi check plugins --json")
    .option("--score", "say how ready each plugin is, of 100 points, with the reasons")
    .option("--code-quality <file>", "write the findings as a Code Quality report of GitLab too")
    .option("--json", "print the data as JSON")
    .runLocal(check);
};
