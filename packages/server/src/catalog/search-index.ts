import { setImmediate } from "node:timers/promises";
import type { Namespace, PluginType } from "@hitagi/contract";
import type { OfferSummary } from "../store/types.ts";

/** One plugin that a registry offers. */
export interface Offer extends OfferSummary {
  /** The registry's id. */
  registry: string;
}

/**
 * Offers in memory, sorted by namespace. The search reads the lists beside the offers, because reading ten thousand
 * objects takes longer than the search itself.
 */
interface OfferTable {
  readonly offers: readonly Offer[];
  readonly types: readonly PluginType[];
  /**
   * The lower-cased namespace, name, author and description of each offer. It is one text for all, because searching
   * one text is many times faster than searching thousands.
   */
  readonly text: string;
  /** The end of each offer's part of the text. */
  readonly ends: Uint32Array;
}

/** The offers of one registry. */
export interface SearchIndex extends OfferTable {
  get(namespace: Namespace): Offer | undefined;
}

const searchText = ({ namespace, name, author, description }: OfferSummary): string =>
  `${namespace}\n${name}\n${author}\n${description}\n`.toLowerCase();

export const byNamespace = (a: { namespace: Namespace }, b: { namespace: Namespace }): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Offers that are worked on before other work gets its turn: a few milliseconds. */
const PART = 2000;

/** Works on the offers part by part. */
const eachPart = async (count: number, work: (from: number, to: number) => void): Promise<void> => {
  for (let from = 0; from < count; from += PART) {
    if (from > 0) await setImmediate();
    work(from, from + PART);
  }
};

const tableOf = async (unsorted: readonly Offer[]): Promise<OfferTable> => {
  const parts: Offer[][] = [];
  await eachPart(unsorted.length, (from, to) => parts.push(unsorted.slice(from, to).sort(byNamespace)));
  // Sorting sorted parts only merges them.
  const offers = parts.flat().sort(byNamespace);
  const texts: string[] = [];
  const ends = new Uint32Array(offers.length);
  let end = 0;
  await eachPart(offers.length, (from, to) => {
    for (const offer of offers.slice(from, to)) {
      const text = searchText(offer);
      end += text.length;
      ends[texts.push(text) - 1] = end;
    }
  });
  return { offers, types: offers.map(({ type }) => type), text: texts.join(""), ends };
};

export const createSearchIndex = async (
  registry: string,
  summaries: OfferSummary[],
): Promise<SearchIndex> => {
  const offers: Offer[] = [];
  await eachPart(summaries.length, (from, to) => {
    for (const summary of summaries.slice(from, to)) offers.push({ ...summary, registry });
  });
  const table = await tableOf(offers);
  const byName = new Map<Namespace, Offer>();
  await eachPart(table.offers.length, (from, to) => {
    for (const offer of table.offers.slice(from, to)) byName.set(offer.namespace, offer);
  });
  return { ...table, get: (namespace) => byName.get(namespace) };
};

/**
 * A function that joins the indexes of several registries; offers of one namespace keep the order of the registries. It
 * remembers the last result, because sorting takes longer than searching.
 */
export const createJoin = () => {
  let joined: readonly SearchIndex[] = [];
  let table = tableOf([]);
  return async (indexes: readonly SearchIndex[]): Promise<OfferTable> => {
    if (indexes.length === 1 && indexes[0]) return indexes[0];
    if (indexes.length !== joined.length || indexes.some((index, n) => index !== joined[n])) {
      table = tableOf(indexes.flatMap(({ offers }) => offers));
      joined = indexes;
    }
    return table;
  };
};

/** The ranks of a match, the best first. */
const RANKS = ["exact", "prefix", "elsewhere"] as const;
type Rank = (typeof RANKS)[number];

/** Calls back for each offer whose text contains `q`, in order. */
const eachMatch = (
  { offers, text, ends }: OfferTable,
  q: string,
  found: (n: number, rank: Rank) => void,
): void => {
  let n = 0;
  for (let at = text.indexOf(q); at >= 0 && n < offers.length; ) {
    while ((ends[n] ?? text.length) <= at) n++;
    const end = ends[n] ?? text.length;
    // A match that reaches into the next offer is in neither.
    const isWithin = at + q.length <= end;
    const isPrefix = at === (ends[n - 1] ?? 0);
    if (isWithin) found(n, !isPrefix ? "elsewhere" : text[at + q.length] === "\n" ? "exact" : "prefix");
    at = text.indexOf(q, isWithin ? end : at + 1);
  }
};

/**
 * The matching offers: first the plugin of exactly that namespace, then the namespaces with that prefix, then the rest.
 * @param q in lower case, "" for all
 */
export const findOffers = (table: OfferTable, q: string, type: PluginType | undefined): Offer[] => {
  const { offers, types } = table;
  if (q === "") return offers.filter((_, n) => type === undefined || types[n] === type);
  const found: Record<Rank, Offer[]> = { exact: [], prefix: [], elsewhere: [] };
  eachMatch(table, q, (n, rank) => {
    const offer = offers[n];
    if (offer && (type === undefined || types[n] === type)) found[rank].push(offer);
  });
  return RANKS.flatMap((rank) => found[rank]);
};
