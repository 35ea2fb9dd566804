import path from "node:path";
import type { Comparison } from "../kit/port/compare.ts";
import type { PortedPlugin } from "../kit/port/port-plugin.ts";
import { valueText } from "./run-report.ts";
import type { Lines } from "./safe-text.ts";

type Counts = Pick<PortedPlugin, "statements" | "translated">;

const share = ({ statements, translated }: Counts): string =>
  `${translated} of ${statements} statements came over${statements === 0 ? "" : ` (${Math.floor((100 * translated) / statements)} %)`}`;

export const totalLine = (counts: Counts): string => `Together: ${share(counts)}.`;

/** What was written, and what is left to do by hand. */
export const portedLines = (cwd: string, ported: PortedPlugin, dryRun: boolean): Lines => {
  const { file, out, isWritten, hosts, left } = ported;
  const source = path.relative(cwd, file) || file;
  const target = path.relative(cwd, out) || out;
  const verb = dryRun ? "Would write" : "Wrote";
  return [
    isWritten || dryRun
      ? `${verb} ${source} as ${target}: ${share(ported)}.`
      : `${target} is there already, and stays as it is.`,
    ...(hosts.length > 0 ? [`It asks for the hosts that the source names: ${hosts.join(", ")}.`] : []),
    ...left.map(({ line, perl, reason }) => [`${source}:${line}: ${reason}`, `  ${perl}`]),
    ...(left.length > 0 && isWritten
      ? ["A run stops at each of these lines: write them in TypeScript, in place of `notTranslated`."]
      : []),
  ];
};

const outcome = ({ failure, result }: Comparison["perl"]): string =>
  failure ? `fails: ${failure.message}` : valueText(result);

const changeLines = ({
  added,
  removed,
  fields,
  requestsAdded,
  requestsRemoved,
}: Comparison["changed"]): Lines => [
  ...removed.map((tag) => `  only Perl:       ${valueText(tag)}`),
  ...added.map((tag) => `  only TypeScript: ${valueText(tag)}`),
  ...fields.map(
    ({ name, before, now }) => `  ${name}: Perl ${valueText(before)}, TypeScript ${valueText(now)}`,
  ),
  ...requestsRemoved.map((request) => `  only Perl asks:       ${request}`),
  ...requestsAdded.map((request) => `  only TypeScript asks: ${request}`),
];

/** Where the two differ, an archive after the other. */
export const comparisonLines = (compared: readonly Comparison[]): Lines =>
  compared.map(({ archive, isSame, perl, changed }) =>
    isSame
      ? [`${archive ?? "Run"}: the same. ${outcome(perl)}`]
      : [`${archive ?? "Run"}: they differ.`, changeLines(changed)],
  );
