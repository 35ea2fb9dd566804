import { type FSWatcher, watch } from "node:fs";
import path from "node:path";

/** Editors write a file in several steps, which are one save. */
const SETTLE_MS = 10;

/**
 * Watches files by their folders, because many editors replace a file by another.
 * @param onChange is called once for a save
 */
export const watchFiles = (onChange: () => void): { set(files: readonly string[]): void; close(): void } => {
  const watchers = new Map<string, FSWatcher>();
  let watched = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const changed = (file: string): void => {
    if (!watched.has(file)) return;
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  };
  return {
    set: (files) => {
      watched = new Set(files.filter((file) => !/[/\\]node_modules[/\\]/.test(file)));
      const folders = new Set([...watched].map((file) => path.dirname(file)));
      for (const [folder, watcher] of watchers) {
        if (folders.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      for (const folder of folders) {
        if (watchers.has(folder)) continue;
        const watcher = watch(folder, (_, name) => name !== null && changed(path.join(folder, name)));
        watcher.on("error", () => watchers.delete(folder));
        watchers.set(folder, watcher);
      }
    },
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
};
