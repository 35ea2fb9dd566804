import type { Namespace, PluginLogLine } from "@hitagi/contract";

/** A line of a plugin's log. */
export type StoredLine = PluginLogLine & { plugin: Namespace };

/** What is kept of a plugin's log. */
export interface LogRetention {
  /** Bytes of its newest lines. */
  bytes: number;
  /** Epoch seconds: lines from then on. */
  since: number;
}

/** The lines between two positions, themselves not included. */
export interface LogRange {
  after?: number | undefined;
  before?: number | undefined;
}

/**
 * The logs of all plugins. A line's id is its end in bytes, counted as if the log were a file that was never cut; a log without
 * lines begins at the microseconds of the clock, so that an id is not given twice.
 */
export interface PluginLogStore {
  /** Appends lines, all at once and in their order, and removes from their plugins' logs what is not kept. */
  add(lines: readonly Omit<StoredLine, "id">[], keep: LogRetention): Promise<void>;
  /** The first lines of a range. */
  first(plugin: Namespace, range: LogRange, count: number): Promise<PluginLogLine[]>;
  /** The last lines of a range, the newest first. */
  last(plugin: Namespace, range: LogRange, count: number): Promise<PluginLogLine[]>;
}

/** A line as the drivers keep it beside its plugin and id. Its length counts. */
export const encodeLine = ({ plugin: _, ...line }: Omit<StoredLine, "id">): string => JSON.stringify(line);

/** The lines of each plugin, in their order. */
export const byPlugin = <L extends { plugin: Namespace }>(lines: readonly L[]): Map<Namespace, L[]> => {
  const plugins = new Map<Namespace, L[]>();
  for (const line of lines) {
    const own = plugins.get(line.plugin);
    if (own) own.push(line);
    else plugins.set(line.plugin, [line]);
  }
  return plugins;
};
