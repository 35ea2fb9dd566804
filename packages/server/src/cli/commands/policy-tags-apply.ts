import { quoteText, type RewrittenTags } from "@hitagi/contract";
import { archivesText } from "../batch-text.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import { ARCHIVE_ARGUMENT, chooseArchive } from "../lookup.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { followBatch, type JobOptions } from "./batch-run.ts";

interface ApplyOptions extends JobOptions {
  all?: boolean;
  dryRun?: boolean;
}

const tagsIn = (tags: string): string[] => tags.split(",").map((tag) => tag.trim());

const onlyIn = (tags: string, others: string): string => {
  const known = new Set(tagsIn(others));
  return tagsIn(tags)
    .filter((tag) => tag !== "" && !known.has(tag))
    .map(quoteText)
    .join(", ");
};

const columns: Columns<RewrittenTags> = {
  PATH: "file",
  REMOVED: ({ before, after }) => onlyIn(before, after),
  ADDED: ({ before, after }) => onlyIn(after, before),
};

const apply = async (session: Session, archives: string[], options: ApplyOptions): Promise<void> => {
  const { client, io, say } = session;
  const { all, dryRun, detach } = options;
  if ((archives.length === 0) === (all === undefined))
    throw new UsageError("No archives were given.", "Name them, or use --all.");
  const ids = await Promise.all(archives.map((text) => chooseArchive(client, text)));
  const which = all ? { all: true as const } : { ids };
  const { preview } = await client.previewTagRules({ body: which });
  const { changed, items } = preview;
  const head = `The tags of ${changed} of ${archivesText(preview.archives)} would change.`;
  const shown = items.length > 0 ? [table(io, columns, items)].flat() : [];
  const more = changed > items.length ? [`… and ${changed - items.length} more.`] : [];
  if (dryRun || changed === 0) {
    session.print(preview, () => [...shown, ...more, head]);
    return;
  }
  say([...shown, ...more, head]);
  const ask = `Change the tags of ${archivesText(changed)}?`;
  await confirm(io, { what: "", ask, does: "change them", undo: "hitagi batch undo" }, options);
  const { job } = await client.applyTagRules({ body: which });
  await followBatch(session, job, { detach });
};

/** `hitagi policy tags apply`: the tag rules on the tags that archives have. */
export const applyTagRulesCommand = (tags: CliCommand): void => {
  tags
    .remote("apply", "Apply the rules and the table to the tags that archives have.")
    .examples("hitagi policy tags apply --all --dry-run", "hitagi policy tags apply comic.cbz")
    .argument("[archives...]", `each by ${ARCHIVE_ARGUMENT}`)
    .option("--all", "every archive of the library")
    .option("--dry-run", "only show what would change")
    .option("--detach", "do not wait for the job")
    .option("-y, --yes", "do not ask")
    .runRemote(apply);
};
