import type { ArchiveTexts, Client } from "@hitagi/contract";
import type { Session } from "./session.ts";
import { sayUndo } from "./undo.ts";

/** The texts of an archive now. */
export const textsOf = async (client: Client, id: string): Promise<ArchiveTexts> => {
  const { title, tags, summary } = await client.getArchiveMetadata({ params: { id } });
  return { title, tags, summary };
};

/** Names the command that gives an archive its texts of before, where they changed. */
export const sayUndoOfEdit = async (
  { client, say }: Session,
  id: string,
  before: ArchiveTexts,
): Promise<void> => {
  const now = await textsOf(client, id);
  const changed = (["title", "tags", "summary"] as const).filter((field) => now[field] !== before[field]);
  const options = changed.flatMap((field) => [`--${field}`, before[field]]);
  if (options.length > 0) sayUndo(say, ["library", "edit", id, ...options]);
};
