import { splitTags } from "../library/tags.ts";
import type { ArchiveRecord } from "../store/types.ts";

/** An archive as plugins see it, in their context and in responses. */
export const archiveView = ({ id, title, tags, summary, file, size }: ArchiveRecord) => ({
  id,
  title,
  tags: splitTags(tags),
  summary,
  filename: file.slice(file.lastIndexOf("/") + 1),
  size,
});
