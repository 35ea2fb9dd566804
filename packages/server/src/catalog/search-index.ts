import type { PluginType } from "@hitagi/contract";
import type { OfferSummary } from "../store/types.ts";

/** One plugin that a registry offers. */
export interface Offer extends OfferSummary {
  /** The registry's id. */
  registry: string;
}

/**
 * Offers held in memory for search, in the order of their namespaces. What decides about an offer stands in the lists
 * beside it: looking at ten thousand objects takes longer than the search.
 */
interface Row {
  readonly offers: readonly Offer[];
  readonly types: readonly PluginType[];
  /**
   * The text that is searched: of each offer its namespace, name, author and description, in small letters. One text
   * for all, because looking through one is many times faster than through thousands.
   */
  readonly text: string;
  /** Where each offer's part of the text ends. */
  readonly ends: Uint32Array;
}

/** The offers of one registry. */
export interface SearchIndex extends Row {
  get(namespace: string): Offer | undefined;
}

const searched = ({ namespace, name, author, description }: OfferSummary): string =>
  `${namespace}\n${name}\n${author}\n${description}\n`.toLowerCase();

const endsOf = (parts: readonly string[]): Uint32Array => {
  let end = 0;
  return Uint32Array.from(parts, (part) => (end += part.length));
};

export const byNamespace = (a: { namespace: string }, b: { namespace: string }): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Puts a registry's offers on a shelf. */
export const createSearchIndex = (registry: string, summaries: OfferSummary[]): SearchIndex => {
  const offers = summaries.map((summary) => ({ ...summary, registry })).sort(byNamespace);
  const places = new Map(offers.map((offer) => [offer.namespace, offer]));
  return { ...rowOf(offers), get: (namespace) => places.get(namespace) };
};

const rowOf = (offers: readonly Offer[]): Row => {
  const parts = offers.map(searched);
  return { offers, types: offers.map(({ type }) => type), text: parts.join(""), ends: endsOf(parts) };
};

/** Puts what is on several shelves in one row; of the same namespace, what is on the earlier shelf comes first. */
const joined = (shelves: readonly SearchIndex[]): Row =>
  rowOf(shelves.flatMap(({ offers }) => offers).sort(byNamespace));

/** A function that joins shelves and remembers the last answer: sorting takes longer than searching. */
export const createJoin = () => {
  let parts: readonly SearchIndex[] = [];
  let whole = joined(parts);
  return (shelves: readonly SearchIndex[]): Row => {
    if (shelves.length === 1 && shelves[0]) return shelves[0];
    if (shelves.length !== parts.length || shelves.some((shelf, n) => shelf !== parts[n])) {
      whole = joined(shelves);
      parts = shelves;
    }
    return whole;
  };
};

/** How well an offer matches; the better ones come first. */
const RANKS = ["exact", "prefix", "elsewhere"] as const;
type Rank = (typeof RANKS)[number];

/** Calls back for each offer whose text holds `q`, in their order. */
const eachHolding = (
  { offers, text, ends }: Row,
  q: string,
  found: (n: number, rank: Rank) => void,
): void => {
  let n = 0;
  for (let at = text.indexOf(q); at >= 0 && n < offers.length; ) {
    while ((ends[n] ?? text.length) <= at) n++;
    const end = ends[n] ?? text.length;
    // What reaches into the next offer is in neither.
    const held = at + q.length <= end;
    const begins = at === (ends[n - 1] ?? 0);
    if (held) found(n, !begins ? "elsewhere" : text[at + q.length] === "\n" ? "exact" : "prefix");
    at = text.indexOf(q, held ? end : at + 1);
  }
};

/**
 * The offers that match: the plugin of exactly that namespace first, then those whose namespace begins so, then
 * the others.
 * @param q in small letters, "" for all
 */
export const findOffers = (row: Row, q: string, type: PluginType | undefined): Offer[] => {
  const { offers, types } = row;
  if (q === "") return offers.filter((_, n) => type === undefined || types[n] === type);
  const found: Record<Rank, Offer[]> = { exact: [], prefix: [], elsewhere: [] };
  eachHolding(row, q, (n, rank) => {
    const offer = offers[n];
    if (offer && (type === undefined || types[n] === type)) found[rank].push(offer);
  });
  return RANKS.flatMap((rank) => found[rank]);
};
