import type { ArchiveSort } from "@hitagi/contract";
import { useMemo } from "react";
import { useAddress } from "../app/address.ts";
import type { CallInput } from "../app/client.ts";

const sorts = ["added", "title", "file", "size", "pages"] as const satisfies readonly ArchiveSort[];
export type Sort = (typeof sorts)[number];

const isSort = (text: string | undefined): text is Sort => sorts.includes(text as Sort);

/** Which archives the library shows, as the address says. */
export const useArchiveFilter = () => {
  const { search, change } = useAddress();
  const { q, tag, folder, show, sort, order, view } = search;
  const filter = useMemo(
    () => ({
      q: q ?? "",
      tag: tag ?? "",
      folder: folder ?? "",
      show: show === "untagged" || show === "missing" ? show : "all",
      sort: isSort(sort) ? sort : ("added" as const),
      /** The newest first, unless something else is asked for. */
      isDescending: order === undefined ? !isSort(sort) || sort === "added" : order === "desc",
      view: view === "list" ? ("list" as const) : ("grid" as const),
    }),
    [q, tag, folder, show, sort, order, view],
  );
  /** The same for the server. */
  const selection = useMemo(
    () => ({
      ...(filter.q !== "" && { q: filter.q }),
      ...(filter.tag !== "" && { tag: filter.tag }),
      ...(filter.folder !== "" && { folder: filter.folder }),
      ...(filter.show === "untagged" && { untagged: true }),
      ...(filter.show === "missing" && { missing: true }),
    }),
    [filter],
  );
  const query: NonNullable<CallInput<"searchArchives">["query"]> = useMemo(
    () => ({ ...selection, sort: filter.sort, order: filter.isDescending ? "desc" : "asc" }),
    [selection, filter],
  );
  return { filter, selection, query, isFiltered: Object.keys(selection).length > 0, change };
};

export type ArchiveFilter = ReturnType<typeof useArchiveFilter>;
export { sorts };
