import { setImmediate } from "node:timers/promises";
import {
  type ArchiveTexts,
  type BatchItem,
  HitagiError,
  isHitagiError,
  type TagRulesPreview,
} from "@hitagi/contract";
import { joinTags, splitTags } from "../../library/tags.ts";
import type { Library } from "../../library/types.ts";
import type { Policy, RewriteTags } from "../../policy/types.ts";
import type { ArchiveRecord, BatchStore } from "../../store/types.ts";
import { type EditArchive, replayed } from "./archive-edits.ts";
import type { ItemRequest } from "./batch-item.ts";

export interface TagRulesBatchDeps {
  store: BatchStore;
  library: Pick<Library, "get" | "list">;
  edit: EditArchive;
  policy: Pick<Policy, "tagRewriter">;
}

/** Archives after which a preview lets other work run. */
const BREATH = 100;

/** @throws HitagiError TAG_RULES_UNUSED, TAG_TABLE_UNUSABLE */
const rewriterOf = async ({ tagRewriter }: TagRulesBatchDeps["policy"]): Promise<RewriteTags> => {
  const rewrite = await tagRewriter();
  if (rewrite === undefined) throw new HitagiError("TAG_RULES_UNUSED");
  return rewrite;
};

/** The tags after the rules. Tags that no rule changes stay as they are written. */
const rewrittenTags = (rewrite: RewriteTags, tags: string): string => {
  const before = splitTags(tags);
  const after = splitTags(joinTags(rewrite(before)));
  return after.length === before.length && after.every((tag, n) => tag === before[n])
    ? tags
    : joinTags(after);
};

/** Applies the tag rules to one archive of a batch. @throws HitagiError TAG_RULES_UNUSED, TAG_TABLE_UNUSABLE */
export const createTagRulesRun = ({ store, edit, policy }: TagRulesBatchDeps) => {
  /** Completes the write of a run that was killed: the rules may make something else of their own result. */
  const replay = async ({ archive, before, after }: BatchItem): Promise<void> => {
    if (!before || !after) return;
    await edit(archive, (now) => replayed(now, { from: before, to: after }), { durability: "relaxed" });
  };

  const apply = async (item: BatchItem, job: number): Promise<void> => {
    const rewrite = await rewriterOf(policy);
    const change = (now: ArchiveTexts): ArchiveTexts => ({ ...now, tags: rewrittenTags(rewrite, now.tags) });
    await edit(item.archive, change, {
      before: async ({ from, to }) => {
        Object.assign(item, { before: from, after: to });
        await store.put(job, item);
      },
      durability: "relaxed",
    });
  };

  return async ({ job, archive, record, isNamed }: ItemRequest): Promise<readonly never[]> => {
    const described = record && { file: record.file, title: record.title };
    const item: BatchItem = (await store.get(job, archive)) ?? {
      ...{ archive, ...described, outcome: "pending", before: null, after: null, errors: [] },
    };
    try {
      await (item.before ? replay(item) : apply(item, job));
      item.outcome = item.before ? "changed" : "unchanged";
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      const { code, message } = error;
      item.outcome = isNamed ? "failed" : "skipped";
      if (isNamed) item.errors = [{ plugin: null, code, message }];
    }
    await store.put(job, item);
    return [];
  };
};

/** What a batch of the tag rules would change; see Batches.previewTagRules. */
export const createTagRulesPreview =
  ({ library, policy }: TagRulesBatchDeps) =>
  async (ids: readonly string[] | undefined, size: number): Promise<TagRulesPreview> => {
    const rewrite = await rewriterOf(policy);
    const archives: readonly ArchiveRecord[] = ids
      ? await Promise.all(ids.map((id) => library.get(id)))
      : await library.list();
    const preview: TagRulesPreview = { archives: archives.length, changed: 0, items: [] };
    for (const [n, { id: archive, title, file, tags: before }] of archives.entries()) {
      if (n % BREATH === BREATH - 1) await setImmediate();
      const after = rewrittenTags(rewrite, before);
      if (after === before) continue;
      preview.changed++;
      if (preview.items.length < size) preview.items.push({ archive, title, file, before, after });
    }
    return preview;
  };
