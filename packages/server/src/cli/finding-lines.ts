import path from "node:path";
import { sha256Of } from "../disk/sha256.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { Finding } from "../kit/check/types.ts";
import { CommandFailed } from "./failure.ts";
import type { Io } from "./io.ts";
import { existingText } from "./replace-file.ts";
import { type Lines, safeLine } from "./safe-text.ts";

/** Findings for a person: the place first, so that terminals and editors make a link of it. */
export const findingLines = (findings: readonly Finding[]): Lines =>
  findings.map(({ file, line, column, severity, rule, message, hint }) => [
    `${file}:${line}:${column} ${severity} ${rule}`,
    `  ${message}`,
    `  hint: ${hint}`,
  ]);

const escaped = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/** In a workflow of GitHub (or Forgejo), each finding appears at its line of the change. */
export const annotateFindings = ({ env, stderr }: Io, findings: readonly Finding[]): void => {
  if (env.GITHUB_ACTIONS !== "true") return;
  for (const { file, line, column, severity, rule, message, hint } of findings) {
    const place = `file=${file},line=${line},col=${column},title=${rule}`;
    stderr.write(`::${severity} ${place}::${escaped(safeLine(`${message} ${hint}`))}\n`);
  }
};

/** Findings as GitLab's Code Quality report, so that a merge request shows each at its line. */
const codeQualityReport = (findings: readonly Finding[]): object[] =>
  findings.map(({ file, line, severity, rule, message, hint }) => ({
    description: safeLine(`${message} ${hint}`),
    check_name: rule,
    fingerprint: sha256Of(JSON.stringify([file, line, rule, message])),
    severity: severity === "error" ? "major" : "minor",
    location: { path: file, lines: { begin: line } },
  }));

/** Writes that report, where a file for it is named. @throws CommandFailed if another file is there; HitagiError DISK_FULL, STORE_FAILED */
export const writeCodeQuality = async (
  { cwd }: Pick<Io, "cwd">,
  name: string | undefined,
  findings: readonly Finding[],
): Promise<void> => {
  if (name === undefined) return;
  const file = path.resolve(cwd, name);
  const before = await existingText(file);
  if (before !== undefined && !/^\[\s*[{\]]/.test(before))
    throw new CommandFailed(`${name} exists, and is no Code Quality report.`, "Name another file.");
  const content = `${JSON.stringify(codeQualityReport(findings), null, 2)}\n`;
  await writeWhole({ file, content, mode: 0o644 });
};
