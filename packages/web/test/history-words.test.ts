import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { api, type OperationId } from "@hitagi/contract";
import { expect, test } from "vitest";
import { restoreActions } from "../../server/src/backup/restore-entry.ts";
import { historyRuleOf } from "../../server/src/http/history-rules.ts";
import { taskCodecs } from "../../server/src/tasks/task-args.ts";
import { readTexts } from "../build/compiled-texts.ts";

const server = path.resolve(import.meta.dirname, "../../server/src");

const tasks = Object.values(taskCodecs).map(({ name }) => name);

/** The calls that are recorded, also those that are only recorded where they fail. */
const operations = (Object.keys(api) as OperationId[])
  .filter((id) => historyRuleOf(id) !== undefined)
  .map((id) => api[id].operation);

/** What the server records beside calls and jobs: `action` stands beside the actor there. */
const literals = readdirSync(server, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => [
    ...readFileSync(path.join(server, file), "utf8").matchAll(/\bactor[^;{}]*?, action: "(\w+)"/g),
  ])
  .map(([, action = ""]) => action);

test("the actions beside calls and jobs are found in the server's code", () => {
  expect(literals).toEqual(expect.arrayContaining(["use_plugin", "refresh_registry", "quarantine_plugin"]));
});

test.each(["en", "ja", "zh"])(
  "every action that the server records has words in %s, and no other",
  (language) => {
    const texts = Object.keys(readTexts(language));
    const worded = texts.filter((id) => /^history\.(?!by\.|failed$|someFailed$|dropped$|kept$)/.test(id));
    const actions = [...operations, ...tasks, ...literals, ...Object.values(restoreActions)];
    const recorded = new Set(actions.map((action) => `history.${action}`));
    expect(worded.sort()).toEqual([...recorded].sort());
  },
);

test.each(["en", "ja", "zh"])("every task has words in %s, and no other", (language) => {
  const worded = Object.keys(readTexts(language)).filter((id) => id.startsWith("activity.task."));
  expect(worded.sort()).toEqual(tasks.map((name) => `activity.task.${name}`).sort());
});
