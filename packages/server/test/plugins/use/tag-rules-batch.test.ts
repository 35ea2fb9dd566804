import { batchOutcomes, SERVER_ACTOR } from "@hitagi/contract";
import { expect, test } from "vitest";
import { createArchiveEdits } from "../../../src/plugins/use/archive-edits.ts";
import { createBatches } from "../../../src/plugins/use/batch.ts";
import type { Policy } from "../../../src/policy/types.ts";
import { openPlugins } from "../open-plugins.ts";

const none = Object.fromEntries(batchOutcomes.map((outcome) => [outcome, 0]));
const rules = { plugin: undefined, archives: undefined, tagRules: true };

/** A rule that makes something else of its own result. */
const next: Policy["tagRewriter"] = async () => (tags) =>
  tags.map((tag) => (/^[a-c]$/.test(tag) ? String.fromCharCode(tag.charCodeAt(0) + 1) : tag));

const open = async (tagRewriter: Policy["tagRewriter"]) => {
  const { active, library, store, log, addArchive } = await openPlugins();
  const { id: job } = await store.jobs.create(
    { task: "run_batch", args: [], actor: SERVER_ACTOR, priority: 0, notes: {} },
    1,
  );
  const batchesOver = (update: typeof library.update) =>
    createBatches({
      ...{ active, library, store: store.batches, log },
      readSteps: async () => [],
      readers: { all: () => [], of: async () => [] },
      policy: { tagRewriter },
      use: async () => {
        throw new Error("no plugin runs");
      },
      edit: createArchiveEdits({ ...library, update }),
    });
  return { library, job, addArchive, batchesOver, batches: batchesOver(library.update) };
};

test("a batch of the tag rules that is killed in a write completes it, and applies no rule twice", async () => {
  const { library, job, addArchive, batchesOver, batches } = await open(next);
  const { id } = await addArchive("one", "a, x");
  const killed = batchesOver(async () => {
    throw new Error("killed");
  });
  await expect(killed.run(job, rules)).rejects.toThrow("killed");
  expect((await library.get(id)).tags).toBe("a, x");
  expect(await batches.run(job, rules)).toEqual({ ...none, changed: 1 });
  expect((await library.get(id)).tags).toBe("x, b");
  expect(await batches.run(job, rules)).toEqual({ ...none, changed: 1 });
  expect(await batches.undo(job)).toMatchObject({ undone: 1, restored: 1 });
  expect((await library.get(id)).tags).toBe("x, a");
});

test("what no rule changes stays as it is written, and an archive that is named and gone fails", async () => {
  const { job, addArchive, batches } = await open(next);
  const { id } = await addArchive("one", "x, Y");
  const gone = "0".repeat(40);
  const preview = await batches.previewTagRules(undefined, 5);
  expect(preview).toEqual({ archives: 1, changed: 0, items: [] });
  const counts = await batches.run(job, { ...rules, archives: [id, gone] });
  expect(counts).toEqual({ ...none, unchanged: 1, failed: 1 });
});

test("without rules in use, neither a preview nor a batch begins", async () => {
  const { job, addArchive, batches } = await open(async () => undefined);
  await addArchive("one", "a");
  const refused = { code: "TAG_RULES_UNUSED" };
  await expect(batches.previewTagRules(undefined, 5)).rejects.toMatchObject(refused);
  await expect(batches.run(job, rules)).rejects.toMatchObject(refused);
});
