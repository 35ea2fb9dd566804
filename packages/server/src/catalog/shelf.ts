import type { PluginType } from "@hitagi/contract";
import type { OfferSummary } from "../store/types.ts";

/** One plugin that a registry offers. */
export interface Offer extends OfferSummary {
  /** The registry's id. */
  registry: string;
}

/** What one registry offers, held in memory for search. */
export interface Shelf {
  /** The offers that match, in the order of their namespaces. `q` is in small letters, "" for all. */
  find(q: string, type: PluginType | undefined): Offer[];
  get(namespace: string): Offer | undefined;
}

const haystackOf = ({ namespace, name, author, description }: OfferSummary): string =>
  `${namespace}\n${name}\n${author}\n${description}`.toLowerCase();

const byNamespace = (a: { namespace: string }, b: { namespace: string }): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Puts a registry's offers on a shelf. */
export const createShelf = (registry: string, summaries: OfferSummary[]): Shelf => {
  const offers = summaries.map((summary) => ({ ...summary, registry })).sort(byNamespace);
  const haystacks = offers.map(haystackOf);
  const places = new Map(offers.map((offer) => [offer.namespace, offer]));
  return {
    find: (q, type) =>
      offers.filter(
        (offer, n) => (type === undefined || offer.type === type) && (q === "" || haystacks[n]?.includes(q)),
      ),
    get: (namespace) => places.get(namespace),
  };
};

/**
 * The order of search results: the plugin of exactly that namespace, those whose namespace begins so, then the
 * others; each by namespace, and as given where that is the same.
 */
export const ranked = <T extends { namespace: string }>(offers: T[], q: string): T[] => {
  const rank = ({ namespace }: T) => (q === "" || namespace === q ? 0 : namespace.startsWith(q) ? 1 : 2);
  const ranks: [T[], T[], T[]] = [[], [], []];
  for (const offer of offers) ranks[rank(offer)].push(offer);
  return ranks.flatMap((those) => those.sort(byNamespace));
};
