import { visit } from "jsonc-parser";
import { pointerStep, type Report } from "./index-faults.ts";

/** Number of keys in a parsed value, at all levels. */
export const countKeys = (value: unknown): number => {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + countKeys(child), own);
};

/**
 * Reports every key that stands twice in one object. JSON.parse keeps the last of them in silence; this reader is
 * slow, and asked only where the count of keys shows that there are some.
 */
export const reportDuplicates = (text: string, report: Report): void => {
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name, _offset, _length, _line, _character, pathSupplier) => {
      const keys = open.at(-1);
      if (keys?.has(name)) {
        report([...pathSupplier(), name].map(pointerStep).join(""), "is a key that stands twice");
      }
      keys?.add(name);
    },
  });
};
