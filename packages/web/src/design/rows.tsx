import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type Key, memo, type ReactNode, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Pages } from "../app/use-pages.ts";
import classes from "./rows.module.css";

interface RowsProps<T> {
  items: readonly T[];
  /** The name of the list for screen readers. */
  label: string;
  keyOf: (item: T, index: number) => Key;
  /** Pixels of most rows. Each is measured when it is drawn. */
  estimate?: number;
  /** Called when the last rows are near, to ask for more. */
  onEnd?: () => void;
  /** Called with the first and the last row in view, as it changes. */
  onShow?: (first: number, last: number) => void;
  children: (item: T, index: number) => ReactNode;
}

interface DrawnProps {
  item: unknown;
  index: number;
  draw: (item: never, index: number) => ReactNode;
}

/** The content of a row. While the list scrolls, those that stay are not drawn again. */
const Drawn = memo(({ item, index, draw }: DrawnProps) => draw(item as never, index));

/** A list of any length, of which only the rows in the window are drawn. It scrolls with the page. */
export const Rows = <T,>({ items, label, keyOf, estimate = 56, onEnd, onShow, children }: RowsProps<T>) => {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimate,
    overscan: 8,
    useFlushSync: false,
    scrollMargin: top,
    getItemKey: (index) => keyOf(items[index] as T, index),
  });
  const shown = virtualizer.getVirtualItems();
  const last = shown.at(-1)?.index ?? -1;
  const first = shown[0]?.index ?? -1;
  useLayoutEffect(() => {
    if (first >= 0) onShow?.(first, last);
  }, [first, last, onShow]);
  const isNearEnd = last >= items.length - 10;
  useLayoutEffect(() => {
    if (isNearEnd && last >= 0) onEnd?.();
  }, [isNearEnd, last, onEnd]);
  return (
    <ul ref={list} className={classes.list} aria-label={label} style={{ height: virtualizer.getTotalSize() }}>
      {shown.map(({ index, key, start }) => (
        <li
          key={key}
          ref={virtualizer.measureElement}
          data-index={index}
          aria-setsize={items.length}
          aria-posinset={index + 1}
          className={classes.row}
          style={{ transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }}
        >
          <Drawn item={items[index]} index={index} draw={children} />
        </li>
      ))}
    </ul>
  );
};

interface PagedRowsProps<T> {
  pages: Pages<T>;
  /** The name of the list for screen readers. */
  label: string;
  /** Pixels of most rows. */
  estimate: number;
  /** A row whose page is not there yet; by default an empty space. */
  waiting?: ReactNode;
  children: (item: T) => ReactNode;
}

/** The rows of a list in pages, of which only those in view are asked for. */
export const PagedRows = <T,>({
  pages,
  label,
  estimate,
  waiting = <div style={{ height: estimate }} />,
  children,
}: PagedRowsProps<T>) => {
  const { total = 0, at, show } = pages;
  const rows = useMemo(() => Array.from({ length: total }, (_, row) => row), [total]);
  return (
    <Rows items={rows} label={label} keyOf={(row) => row} estimate={estimate} onShow={show}>
      {(row) => {
        const item = at(row);
        return item === undefined ? waiting : children(item);
      }}
    </Rows>
  );
};
