import { useEffect, useRef } from "react";

/**
 * Keeps the part that is shown in view where a list of parts scrolls sideways, as on a phone.
 * @param shown changes with the part; its link has `aria-current`
 * @returns the ref of the list
 */
export const useShownPart = (shown: string) => {
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is another element of the list
  useEffect(() => {
    const node = list.current;
    if (!node) return;
    // Called at once, and when the window changes.
    const observer = new ResizeObserver(() => {
      const part = node.querySelector("[aria-current]")?.getBoundingClientRect();
      if (part)
        node.scrollLeft +=
          part.left - node.getBoundingClientRect().left - (node.clientWidth - part.width) / 2;
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [shown]);
  return list;
};
