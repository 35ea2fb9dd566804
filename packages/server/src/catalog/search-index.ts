import { comparableText, type Namespace, type PluginType } from "@hitagi/contract";
import { eachPart } from "../async/each-part.ts";
import type { OfferSummary } from "../store/types.ts";

/** One plugin that a registry offers. */
export interface Offer extends OfferSummary {
  /** The registry's id. */
  registry: string;
}

/** Offers that are worked on before other work gets its turn: a few milliseconds. */
const PART = 2000;

/** Offers that are searched before other work gets its turn. */
const SEARCHED_PART = 10 * PART;

/**
 * Offers in memory, sorted by namespace. The search reads the lists beside the offers, because reading ten thousand
 * objects takes longer than the search itself.
 */
interface OfferTable {
  readonly offers: readonly Offer[];
  readonly types: readonly PluginType[];
  /**
   * The comparable namespace, name, author and description of each offer, in one text for PART offers: searching one text is many
   * times faster than searching thousands.
   */
  readonly texts: readonly string[];
  /** The end of each offer's part of its text. */
  readonly ends: Uint32Array;
}

/** The offers of one registry. */
export interface SearchIndex extends OfferTable {
  get(namespace: Namespace): Offer | undefined;
}

const searchText = ({ namespace, name, author, description }: OfferSummary): string =>
  comparableText(`${namespace}\n${name}\n${author}\n${description}\n`);

export const byNamespace = (a: { namespace: Namespace }, b: { namespace: Namespace }): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Merges two sorted lists; those of the first come before equal ones of the second. */
const mergeTwo = async (a: readonly Offer[], b: readonly Offer[]): Promise<readonly Offer[]> => {
  const [last, first] = [a.at(-1), b[0]];
  if (!last || !first || byNamespace(last, first) <= 0) return a.concat(b);
  const merged: Offer[] = [];
  let [m, n] = [0, 0];
  await eachPart(a.length + b.length, PART, (from, to) => {
    for (let i = from; i < to; i++) {
      const [left, right] = [a[m], b[n]];
      const next = left && (!right || byNamespace(left, right) <= 0) ? left : right;
      if (next === left) m++;
      else n++;
      if (next) merged.push(next);
    }
  });
  return merged;
};

/** Merges sorted lists. A sort of all at once would hold up other work. */
const merge = async (lists: readonly (readonly Offer[])[]): Promise<readonly Offer[]> => {
  const [only = []] = lists;
  if (lists.length <= 1) return only;
  const half = Math.ceil(lists.length / 2);
  return mergeTwo(await merge(lists.slice(0, half)), await merge(lists.slice(half)));
};

/** @param lists sorted */
const tableOf = async (lists: readonly (readonly Offer[])[]): Promise<OfferTable> => {
  const offers = await merge(lists);
  const texts: string[] = [];
  const types: PluginType[] = [];
  const ends = new Uint32Array(offers.length);
  await eachPart(offers.length, PART, (from, to) => {
    let text = "";
    offers.slice(from, to).forEach((offer, n) => {
      text += searchText(offer);
      types.push(offer.type);
      ends[from + n] = text.length;
    });
    texts.push(text);
  });
  return { offers, types, texts, ends };
};

/** The offer of a namespace, in sorted offers. */
const offerOf = (offers: readonly Offer[], namespace: Namespace): Offer | undefined => {
  let [from, to] = [0, offers.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((offers[middle]?.namespace ?? namespace) < namespace) from = middle + 1;
    else to = middle;
  }
  const offer = offers[from];
  return offer?.namespace === namespace ? offer : undefined;
};

export const createSearchIndex = async (
  registry: string,
  summaries: OfferSummary[],
): Promise<SearchIndex> => {
  const parts: Offer[][] = [];
  await eachPart(summaries.length, PART, (from, to) => {
    const offers = summaries.slice(from, to).map((summary) => ({ ...summary, registry }));
    parts.push(offers.sort(byNamespace));
  });
  const table = await tableOf(parts);
  return { ...table, get: (namespace) => offerOf(table.offers, namespace) };
};

/**
 * A function that joins the indexes of several registries; offers of one namespace keep the order of the registries. It
 * remembers the last result, because joining takes longer than searching.
 */
export const createJoin = () => {
  let joined: readonly SearchIndex[] = [];
  let table = tableOf([]);
  return async (indexes: readonly SearchIndex[]): Promise<OfferTable> => {
    if (indexes.length === 1 && indexes[0]) return indexes[0];
    if (indexes.length !== joined.length || indexes.some((index, n) => index !== joined[n])) {
      table = tableOf(indexes.map(({ offers }) => offers));
      joined = indexes;
    }
    return table;
  };
};

/** The ranks of a match, the best first. */
type Rank = "exact" | "prefix" | "elsewhere";

/** Calls back for each offer of a text that contains `q`, in order. @param first the first offer of the text */
const eachMatch = (
  { offers, texts, ends }: OfferTable,
  first: number,
  q: string,
  found: (n: number, rank: Rank) => void,
): void => {
  const text = texts[first / PART] ?? "";
  const beyond = Math.min(first + PART, offers.length);
  let n = first;
  for (let at = text.indexOf(q); at >= 0 && n < beyond; ) {
    while ((ends[n] ?? text.length) <= at) n++;
    const end = ends[n] ?? text.length;
    // A match that reaches into the next offer is in neither.
    const isWithin = at + q.length <= end;
    const isPrefix = at === (n === first ? 0 : ends[n - 1]);
    if (isWithin) found(n, !isPrefix ? "elsewhere" : text[at + q.length] === "\n" ? "exact" : "prefix");
    at = text.indexOf(q, isWithin ? end : at + 1);
  }
};

/**
 * The matching offers: first the plugin of exactly that namespace, then the namespaces with that prefix, then the rest.
 * @param q in lower case, "" for all
 */
export const findOffers = async (
  table: OfferTable,
  q: string,
  type: PluginType | undefined,
): Promise<Offer[]> => {
  const { offers, types } = table;
  const found: Record<Rank, Offer[]> = { exact: [], prefix: [], elsewhere: [] };
  const take = (n: number, rank: Rank): void => {
    const offer = offers[n];
    if (offer && (type === undefined || types[n] === type)) found[rank].push(offer);
  };
  const searchPart = (from: number, to: number): void => {
    if (q === "") for (let n = from; n < to; n++) take(n, "elsewhere");
    else for (let first = from; first < to; first += PART) eachMatch(table, first, q, take);
  };
  await eachPart(offers.length, SEARCHED_PART, searchPart);
  return found.exact.concat(found.prefix, found.elsewhere);
};
