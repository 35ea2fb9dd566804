import type { LogLevel, Namespace, PluginLogLine } from "@hitagi/contract";
import type { LogRange, StoredLine } from "../store/types.ts";

/** A line before the store gives it a position. */
export type NewLine = Omit<StoredLine, "id" | "node" | "time">;

/** Takes lines of plugins. It never throws and never waits, because a call must not wait for the disk. */
export type WriteLogLine = (line: NewLine) => void;

/** What a reader of a log looks for; what is absent does not narrow it. */
export interface LogFilter {
  /** This level and those above it. */
  level?: LogLevel | undefined;
  archive?: string | undefined;
  job?: number | undefined;
  call?: string | undefined;
  /** Epoch seconds; `since` is included, `until` is not. */
  since?: number | undefined;
  until?: number | undefined;
}

/** The logs of plugins on all servers of a store. */
export interface PluginLogs {
  write: WriteLogLine;
  /**
   * One page, oldest first: the last lines of the range, or its first ones if it has `after`. What this server wrote before is
   * among them.
   */
  page(
    plugin: Namespace,
    filter: LogFilter & LogRange,
    size: number,
  ): Promise<{ items: PluginLogLine[]; more: boolean }>;
  /** The position of the last line; 0 without lines. */
  end(plugin: Namespace): Promise<number>;
  /** All lines after a position, oldest first, then each new one, until the signal aborts. @throws what the store throws */
  follow(
    plugin: Namespace,
    filter: LogFilter,
    after: number,
    signal: AbortSignal,
  ): AsyncIterable<PluginLogLine>;
  /** Writes what waits, where the store can be reached. */
  close(): Promise<void>;
}
