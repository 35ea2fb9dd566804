import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { judgeHead, verifyHead } from "../src/index.ts";
import { rules } from "../src/judge-head.ts";
import { successions } from "./successions.ts";

const judged = (next: Buffer, accepted: Buffer | undefined): unknown => {
  try {
    return judgeHead(verifyHead(next), accepted && verifyHead(accepted));
  } catch (e) {
    return (e as { code?: string }).code ?? e;
  }
};

test.each(successions)("$name: $outcome", ({ next, accepted, outcome }) => {
  expect(judged(next, accepted)).toBe(outcome);
});

test("the rules are the rows of the specification, in its order, with its codes", () => {
  const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/spec-head.md"), "utf8");
  const rows = [...page.matchAll(/^\| (\d+) \| has .* \| (.*) \|$/gm)];
  expect(rows.map(([, number, outcome = ""]) => [Number(number), /`([A-Z_]+)`/.exec(outcome)?.[1]])).toEqual(
    rules.map((rule) => [rule.clause, "refuses" in rule ? rule.refuses : undefined]),
  );
});
