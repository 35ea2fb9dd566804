import type { PluginType } from "@hitagi/contract";
import type { OfferSummary } from "../store/types.ts";

/** What one registry offers, held in memory for search. */
export interface Shelf {
  /** The offers that match, in the order of their namespaces. `q` is in small letters, "" for all. */
  find(q: string, type: PluginType | undefined): OfferSummary[];
  get(namespace: string): OfferSummary | undefined;
}

const haystackOf = ({ namespace, name, author, description }: OfferSummary): string =>
  `${namespace}\n${name}\n${author}\n${description}`.toLowerCase();

const byNamespace = (a: OfferSummary, b: OfferSummary): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Puts offers on a shelf. */
export const createShelf = (summaries: OfferSummary[]): Shelf => {
  const offers = summaries.toSorted(byNamespace);
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
 * The order of search results: the plugin of exactly that namespace, those whose namespace begins so, then the others;
 * each by namespace, and by the order of their registries where that is the same.
 */
export const ranked = <T extends { namespace: string }>(offers: T[], q: string): T[] => {
  const rank = ({ namespace }: T) => (namespace === q ? 0 : namespace.startsWith(q) ? 1 : 2);
  const order = (a: T, b: T) => (a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace));
  const ranks: T[][] = [[], [], []];
  for (const offer of offers) ranks[q === "" ? 0 : rank(offer)]?.push(offer);
  return ranks.flatMap((those) => those.sort(order));
};
