import { existsSync } from "node:fs";
import path from "node:path";
import { testFiles } from "../files.ts";
import type { Finding, Subject } from "./types.ts";

/** A part of the score, with its reason. */
export interface ScorePart {
  name: "documented" | "tested" | "few rights" | "quick" | "answers errors" | "types";
  points: number;
  /** The most that can be had. */
  of: number;
  reason: string;
}

/** Of 100. A plugin that does not load has 0. */
export interface Score {
  points: number;
  parts: ScorePart[];
}

const QUICK_MS = 500;

const part = (name: ScorePart["name"], of: number, points: number, reason: string): ScorePart => ({
  name,
  points,
  of,
  reason,
});

const documented = ({ file }: Subject, rules: ReadonlySet<string>): ScorePart => {
  const hasReadme = existsSync(path.join(path.dirname(file), "README.md"));
  const isDescribed = !rules.has("description");
  const reason = [
    isDescribed ? "it and all its settings are described" : "a description is missing",
    hasReadme ? "a README is beside it" : "no README.md is beside it",
  ].join("; ");
  return part("documented", 20, (isDescribed ? 12 : 0) + (hasReadme ? 8 : 0), reason);
};

const tested = ({ file }: Subject): ScorePart => {
  const found = testFiles(file).find(existsSync);
  if (found) return part("tested", 20, 20, `${path.basename(found)} is its test`);
  return part(
    "tested",
    20,
    0,
    `no ${path.parse(file).name}.test.mjs is beside it; \`hitagi dev\` writes one with the key t`,
  );
};

const fewRights = ({ plugin }: Subject, rules: ReadonlySet<string>): ScorePart => {
  const { net = [], library, files } = plugin?.manifest.permissions ?? {};
  const wildcards = net.filter((host) => host.startsWith("*.")).length;
  const costs: [number, string][] = [
    [Math.min(6, net.length + wildcards), `${net.length} ${net.length === 1 ? "host" : "hosts"}`],
    [library === undefined ? 0 : library.includes("write") ? 6 : 3, `library: ${library}`],
    [files === undefined ? 0 : 3, "files of its owner"],
    [rules.has("unused-right") ? 5 : 0, "a right that it does not use"],
  ];
  const paid = costs.filter(([cost]) => cost > 0);
  const reason =
    paid.length === 0 ? "it asks for no rights" : `it asks for ${paid.map(([, text]) => text).join(", ")}`;
  return part("few rights", 20, Math.max(0, 20 - paid.reduce((sum, [cost]) => sum + cost, 0)), reason);
};

const quick = ({ oddRuns }: Subject): ScorePart => {
  const times = oddRuns
    .filter(({ kind }) => kind === "archive")
    .map(({ report }) => report.ms)
    .sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  if (median === undefined) return part("quick", 10, 10, "it was not run");
  return part("quick", 10, median <= QUICK_MS ? 10 : 4, `a run takes ${Math.round(median)} ms in the median`);
};

const answersErrors = ({ oddRuns }: Subject, rules: ReadonlySet<string>): ScorePart => {
  const faults = ["unhandled-error", "hangs", "wrong-result", "silent-refusal"].filter((rule) =>
    rules.has(rule),
  );
  const reason =
    faults.length === 0
      ? `${oddRuns.length} runs on samples, odd archives and bad networks end with a result or a reason`
      : `see ${faults.join(", ")}`;
  return part("answers errors", 20, Math.max(0, 20 - faults.length * 8), reason);
};

const typed = ({ file, checkedTypes }: Subject, rules: ReadonlySet<string>): ScorePart => {
  if (!/\.ts$/i.test(file)) return part("types", 10, 0, "it is not written in TypeScript");
  if (checkedTypes === undefined)
    return part(
      "types",
      10,
      5,
      "its types were not checked: a tsconfig.json or TypeScript is missing beside it",
    );
  if (checkedTypes.leftOutBy !== undefined)
    return part("types", 10, 5, "its types were not checked: the tsconfig.json leaves it out");
  if (rules.has("types")) return part("types", 10, 0, "the compiler finds errors");
  return part("types", 10, 10, "the compiler finds no error");
};

/** How ready a plugin is for its owners, with the reason of each point. */
export const scoreOf = (subject: Subject, findings: readonly Finding[]): Score => {
  const rules = new Set(findings.map(({ rule }) => rule));
  const parts = [
    documented(subject, rules),
    tested(subject),
    fewRights(subject, rules),
    quick(subject),
    answersErrors(subject, rules),
    typed(subject, rules),
  ];
  if (!subject.plugin)
    return { points: 0, parts: parts.map((one) => ({ ...one, points: 0, reason: "it does not load" })) };
  return { points: parts.reduce((sum, { points }) => sum + points, 0), parts };
};
