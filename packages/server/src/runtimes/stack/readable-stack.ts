import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { splitInlineMap } from "../../artifacts/inline-map.ts";
import type { PluginCode } from "../types.ts";
import { type Frame, framesOf, frameText } from "./frames.ts";
import { mapPositions, type OriginalPosition } from "./map-positions.ts";

/** Stacks that wait for a map; further ones have the places in the plugin's file. */
const MAX_WAITING = 8;
/** Stacks that are kept, because the calls of a batch fail at the same places. */
const KEPT = 200;

const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A frame at its place in a source of the bundle. */
const originalText = (frame: Frame, place: OriginalPosition | undefined, file: string): string => {
  if (!place) return frameText(frame, file);
  const { source, ...at } = place;
  return frameText({ ...frame, at }, source.replace(UNSAFE, " "));
};

/** Makes stacks of plugins readable. */
export interface ReadableStacks {
  /**
   * The frames of a stack, one a line: with the places in the sources of a bundle with an inline source map, else with those in
   * the plugin's file. Never rejects.
   */
  of(code: PluginCode, stack: string): Promise<string>;
}

export const createReadableStacks = (map: typeof mapPositions = mapPositions): ReadableStacks => {
  const kept = new LRUCache<string, Promise<string>>({ max: KEPT });
  const unreadable = new LRUCache<string, true>({ max: KEPT });
  const one = pLimit(1);

  const mapped = async ({ filename, sha256, source }: PluginCode, frames: Frame[]): Promise<string> => {
    const plain = frames.map((frame) => frameText(frame, filename)).join("\n");
    const inFile = frames.filter(({ at }) => at !== undefined);
    const positions = inFile.flatMap(({ at }) => at ?? []);
    const { map: inline } = splitInlineMap(filename, source);
    if (inline === undefined || positions.length === 0 || unreadable.has(sha256)) return plain;
    if (one.pendingCount >= MAX_WAITING) return plain;
    const found = await one(() => map({ map: inline, positions })).catch(() => undefined);
    if (!found) {
      unreadable.set(sha256, true);
      return plain;
    }
    const places = new Map(inFile.map((frame, n) => [frame, found[n]]));
    return frames.map((frame) => originalText(frame, places.get(frame), filename)).join("\n");
  };

  return {
    of: (code, stack) => {
      const frames = framesOf(stack);
      const key = JSON.stringify([code.sha256, code.filename, frames]);
      const known = kept.get(key) ?? mapped(code, frames);
      kept.set(key, known);
      return known;
    },
  };
};
