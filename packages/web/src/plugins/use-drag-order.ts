import { type PointerEvent, useEffect, useRef, useState } from "react";

interface Drag {
  from: number;
  to: number;
  /** Pixels by which the dragged row is away from its place. */
  offset: number;
  /** Pixels of the dragged row, by which the rows that it passes make way. */
  height: number;
}

/** Pixels from the window's edge within which the page scrolls. */
const EDGE = 48;
const SCROLL_STEP = 12;

const scrollNear = (y: number): void => {
  if (y < EDGE) window.scrollBy(0, -SCROLL_STEP);
  if (y > window.innerHeight - EDGE) window.scrollBy(0, SCROLL_STEP);
};

/**
 * Drags the rows of an `ol` by a handle in each, with a mouse, a pen or a finger. Escape leaves all as it was.
 * @param move is called at the end of a drag, with the place of the row before and after
 */
export const useDragOrder = (move: (from: number, to: number) => void) => {
  const [drag, setDrag] = useState<Drag | null>(null);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const start = (event: PointerEvent<HTMLElement>, from: number): void => {
    const boxes = [...(event.currentTarget.closest("ol")?.children ?? [])].map((row) =>
      row.getBoundingClientRect(),
    );
    const own = boxes[from];
    if (event.button !== 0 || own === undefined) return;
    const middles = boxes.map(({ top, height }) => top + height / 2 + window.scrollY);
    const begin = event.clientY + window.scrollY;
    let to = from;
    stop.current = new AbortController();
    const { signal } = stop.current;
    const end = (isDropped: boolean): void => {
      stop.current?.abort();
      setDrag(null);
      if (isDropped && to !== from) move(from, to);
    };
    const onMove = ({ clientY }: globalThis.PointerEvent): void => {
      scrollNear(clientY);
      const y = clientY + window.scrollY;
      to = middles.filter((middle, n) => n !== from && middle < y).length;
      setDrag({ from, to, offset: y - begin, height: own.height });
    };
    window.addEventListener("pointermove", onMove, { signal });
    window.addEventListener("pointerup", () => end(true), { signal });
    window.addEventListener("pointercancel", () => end(false), { signal });
    window.addEventListener("keydown", ({ key }) => key === "Escape" && end(false), { signal });
  };

  /** Pixels by which a row is shown away from its place. */
  const offsetOf = (index: number): number => {
    if (drag === null) return 0;
    const { from, to, offset, height } = drag;
    if (index === from) return offset;
    if (from < index && index <= to) return -height;
    return to <= index && index < from ? height : 0;
  };
  return { dragged: drag?.from, start, offsetOf };
};
