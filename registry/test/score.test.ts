import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkPlugin } from "../../packages/server/src/kit/check/check-plugin.ts";
import { shareTypeProblems } from "../../packages/server/src/kit/check/type-problems.ts";
import { openSandbox, type Sandbox } from "../../packages/server/src/kit/sandbox.ts";

const registry = path.resolve(import.meta.dirname, "..");
const LEAST = 90;

let sandbox: Sandbox;
const findTypeProblems = shareTypeProblems();
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

test.each(readdirSync(path.join(registry, "plugins")))(
  "%s has nothing to mend, and a score of at least 90",
  async (namespace) => {
    const file = path.join(registry, "plugins", namespace, `${namespace}.ts`);
    const { findings, score } = await checkPlugin(sandbox, file, registry, { findTypeProblems });
    expect(findings).toEqual([]);
    const reasons = score.parts.map(({ name, points, of, reason }) => `${name} ${points}/${of}: ${reason}`);
    expect(score.points, reasons.join("\n")).toBeGreaterThanOrEqual(LEAST);
  },
);
