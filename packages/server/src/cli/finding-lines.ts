import type { Finding } from "../kit/check/types.ts";
import type { Io } from "./io.ts";
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
