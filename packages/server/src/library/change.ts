import { tidyTags } from "./tags.ts";
import type { Library } from "./types.ts";

/** What may be changed of an archive. */
export type Change = Parameters<Library["update"]>[1];

/** A change as it is kept: tags one by one, and no title that says nothing, for which the old one stays. */
export const tidyChange = ({ title, tags, summary }: Change): Change => ({
  ...(title?.trim() && { title: title.trim() }),
  ...(tags !== undefined && { tags: tidyTags(tags) }),
  ...(summary !== undefined && { summary }),
});
