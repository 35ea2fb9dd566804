import { useCallback, useMemo, useState } from "react";

/** The archives that a person has chosen: some by their ids, or all that the filter shows. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** Whether all that the filter shows are chosen. */
  isWhole: boolean;
  has(id: string): boolean;
  toggle(id: string): void;
  chooseAll(): void;
  clear(): void;
}

const NONE: ReadonlySet<string> = new Set();

/** @param filter what the list shows; another filter ends the choice of all that it showed */
export const useSelection = (filter: string): Selection => {
  const [ids, setIds] = useState(NONE);
  const [whole, setWhole] = useState<string | null>(null);
  const isWhole = whole === filter;
  const toggle = useCallback(
    (id: string) => {
      setWhole(null);
      setIds((before) => {
        const next = new Set(isWhole ? [] : before);
        if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    [isWhole],
  );
  const clear = useCallback(() => {
    setIds(NONE);
    setWhole(null);
  }, []);
  return useMemo(
    () => ({
      ids,
      isWhole,
      has: (id) => isWhole || ids.has(id),
      toggle,
      chooseAll: () => {
        setIds(NONE);
        setWhole(filter);
      },
      clear,
    }),
    [ids, isWhole, toggle, clear, filter],
  );
};
