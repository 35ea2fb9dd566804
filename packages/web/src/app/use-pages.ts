import { type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { callOptions } from "./calls.ts";
import type { CallInput, CallOutput } from "./client.ts";

/** The calls that answer a list in pages. */
type PagedCall =
  | "searchArchives"
  | "searchAvailable"
  | "listOffered"
  | "listHistory"
  | "listJobs"
  | "getBatch";
type Item<O extends PagedCall> = CallOutput<O> extends { items: (infer T)[] } ? T : never;

interface Page<T> {
  total: number;
  items: T[];
}

/** A list of any length, of which only the pages in view are asked for. */
export interface Pages<T> {
  /** The number of all items; undefined until the first answer. */
  total: number | undefined;
  /** An item; undefined until its page is there. */
  at(index: number): T | undefined;
  /** Says which items are in view. */
  show(first: number, last: number): void;
  /** Why the pages in view could not be read. */
  error: unknown;
  refetch(): void;
}

/**
 * The pages of a list that are in view.
 * @param size items of a page
 * @param enabled whether it is asked for at all
 */
export const usePages = <O extends PagedCall>(
  id: O,
  input: CallInput<O>,
  size: number,
  enabled = true,
): Pages<Item<O>> => {
  const [[from, to], setView] = useState<readonly [number, number]>([0, 0]);
  const pages = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  const { query } = input as { query?: object };
  const answers = useQueries({
    queries: pages.map((page) => ({
      ...callOptions(id, { ...input, query: { ...query, page: page + 1, size } } as CallInput<O>),
      enabled,
    })),
  }) as UseQueryResult<Page<Item<O>>>[];
  const key = JSON.stringify(input);
  const known = useRef<{ key: string; total: number | undefined }>({ key, total: undefined });
  const total = answers.find(({ data }) => data !== undefined)?.data?.total;
  // While a page further down is asked for, the list keeps its length.
  if (total !== undefined || known.current.key !== key) known.current = { key, total };
  const show = useCallback(
    (first: number, last: number) => {
      const next = [Math.floor(first / size), Math.floor(Math.max(last, first) / size)] as const;
      setView((before) => (before[0] === next[0] && before[1] === next[1] ? before : next));
    },
    [size],
  );
  return {
    total: known.current.total,
    at: (index) => answers[Math.floor(index / size) - from]?.data?.items[index % size],
    show,
    error: answers.find(({ error }) => error !== null)?.error ?? null,
    refetch: () => {
      for (const answer of answers) void answer.refetch();
    },
  };
};
