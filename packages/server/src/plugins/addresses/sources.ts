import { setImmediate } from "node:timers/promises";
import type { Namespace, SourceCounts } from "@hitagi/contract";
import { splitTags } from "../../library/tags.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import type { ActivePlugin } from "../types.ts";
import type { AddressReaders } from "./readers.ts";
import { siteOf, sourcesIn, webAddressOf } from "./web-address.ts";

/** The plugin that reads a source of an archive, or why there is none. */
export type SourceReader =
  | { plugin: ActivePlugin; address: string }
  | { plugin: undefined; unknown: string | undefined };

/** Chooses by the first `source:` tag of an archive that a plugin reads. `unknown` is its first source, if it has one. */
export const readerOfSources = async (
  readers: Pick<AddressReaders, "of">,
  { tags }: Pick<ArchiveRecord, "tags">,
): Promise<SourceReader> => {
  const sources = sourcesIn(splitTags(tags));
  for (const source of sources) {
    const address = webAddressOf(source);
    const [plugin] = address === undefined ? [] : await readers.of(address);
    if (plugin !== undefined && address !== undefined) return { plugin, address };
  }
  return { plugin: undefined, unknown: sources[0] };
};

/** Archives after which other work gets its turn. */
const BREATH = 100;

/** The ids of archives, first of those whose source a plugin reads, each part in the order given. */
export const readableFirst = async (
  readers: Pick<AddressReaders, "of">,
  ids: readonly string[],
  records: ReadonlyMap<string, Pick<ArchiveRecord, "tags">>,
): Promise<string[]> => {
  const readable: string[] = [];
  const others: string[] = [];
  for (const [n, id] of ids.entries()) {
    if (n % BREATH === BREATH - 1) await setImmediate();
    const record = records.get(id);
    const isRead = record !== undefined && (await readerOfSources(readers, record)).plugin !== undefined;
    (isRead ? readable : others).push(id);
  }
  return [...readable, ...others];
};

/** The most sites that are listed. */
const MAX_UNKNOWN = 100;

const add = <K>(counts: Map<K, number>, key: K): unknown => counts.set(key, (counts.get(key) ?? 0) + 1);

const mostFirst = <K>(counts: Map<K, number>): [K, number][] => [...counts].toSorted(([, a], [, b]) => b - a);

/** Counts archives by the plugin that reads their sources. */
export const countSources = async (
  readers: Pick<AddressReaders, "of">,
  archives: readonly Pick<ArchiveRecord, "tags">[],
): Promise<SourceCounts> => {
  const plugins = new Map<Namespace, number>();
  const names = new Map<Namespace, string>();
  const unknown = new Map<string, number>();
  let without = 0;
  for (const [n, archive] of archives.entries()) {
    if (n % BREATH === BREATH - 1) await setImmediate();
    const found = await readerOfSources(readers, archive);
    if (found.plugin) {
      add(plugins, found.plugin.namespace);
      names.set(found.plugin.namespace, found.plugin.manifest.name);
    } else if (found.unknown === undefined) without++;
    else add(unknown, siteOf(found.unknown));
  }
  const unknownCount = [...unknown.values()].reduce((sum, count) => sum + count, 0);
  return {
    archives: archives.length,
    readable: archives.length - without - unknownCount,
    without_source: without,
    unknown_source: unknownCount,
    plugins: mostFirst(plugins).map(([plugin, count]) => ({
      ...{ plugin, name: names.get(plugin) ?? plugin, archives: count },
    })),
    unknown: mostFirst(unknown)
      .slice(0, MAX_UNKNOWN)
      .map(([site, count]) => ({ site, archives: count })),
  };
};
