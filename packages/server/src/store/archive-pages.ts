import { setImmediate } from "node:timers/promises";
import type { ArchiveStore, PlacedArchive } from "./contract/archives.ts";

/**
 * All archives in their order, in pages between which other work goes on. An archive that exists during the whole reading is in one of
 * them; one that is deleted and added again may be in two.
 */
export async function* pagesOfArchives({
  page,
}: Pick<ArchiveStore, "page">): AsyncGenerator<readonly PlacedArchive[]> {
  for (let after: number | undefined; ; await setImmediate()) {
    const { archives, next } = await page(after);
    yield archives;
    if (next === undefined) return;
    after = next;
  }
}

/** The same as one list. */
export const allArchives = async (store: Pick<ArchiveStore, "page">) => {
  const all: PlacedArchive["archive"][] = [];
  for await (const page of pagesOfArchives(store)) for (const { archive } of page) all.push(archive);
  return all;
};
