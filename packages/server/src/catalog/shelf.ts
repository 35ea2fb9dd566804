import type { PluginType } from "@hitagi/contract";
import type { OfferSummary } from "../store/types.ts";

/** One plugin that a registry offers. */
export interface Offer extends OfferSummary {
  /** The registry's id. */
  registry: string;
}

/** Offers held in memory for search, with the text that is searched, in the order of their namespaces. */
export interface Shelf {
  readonly offers: readonly Offer[];
  readonly haystacks: readonly string[];
  get(namespace: string): Offer | undefined;
}

const haystackOf = ({ namespace, name, author, description }: OfferSummary): string =>
  `${namespace}\n${name}\n${author}\n${description}`.toLowerCase();

export const byNamespace = (a: { namespace: string }, b: { namespace: string }): number =>
  a.namespace < b.namespace ? -1 : Number(a.namespace > b.namespace);

/** Puts a registry's offers on a shelf. */
export const createShelf = (registry: string, summaries: OfferSummary[]): Shelf => {
  const offers = summaries.map((summary) => ({ ...summary, registry })).sort(byNamespace);
  const places = new Map(offers.map((offer) => [offer.namespace, offer]));
  return { offers, haystacks: offers.map(haystackOf), get: (namespace) => places.get(namespace) };
};

/** Puts what is on several shelves in one row; of the same namespace, what is on the earlier shelf comes first. */
const joined = (shelves: readonly Shelf[]): Omit<Shelf, "get"> => {
  const pairs = shelves.flatMap(({ offers, haystacks }) =>
    offers.map((offer, n) => ({ namespace: offer.namespace, offer, haystack: haystacks[n] ?? "" })),
  );
  pairs.sort(byNamespace);
  return { offers: pairs.map(({ offer }) => offer), haystacks: pairs.map(({ haystack }) => haystack) };
};

/** A function that joins shelves and remembers the last answer: sorting takes longer than searching. */
export const createJoin = () => {
  let parts: readonly Shelf[] = [];
  let whole = joined(parts);
  return (shelves: readonly Shelf[]): Omit<Shelf, "get"> => {
    if (shelves.length === 1 && shelves[0]) return shelves[0];
    if (shelves.length !== parts.length || shelves.some((shelf, n) => shelf !== parts[n])) {
      whole = joined(shelves);
      parts = shelves;
    }
    return whole;
  };
};

/**
 * The offers that match: the plugin of exactly that namespace first, then those whose namespace begins so, then
 * the others.
 * @param q in small letters, "" for all
 */
export const findOffers = (
  { offers, haystacks }: Omit<Shelf, "get">,
  q: string,
  type: PluginType | undefined,
): Offer[] => {
  const [exact, prefix, others]: [Offer[], Offer[], Offer[]] = [[], [], []];
  for (let n = 0; n < offers.length; n++) {
    const offer = offers[n];
    if (!offer || (type !== undefined && offer.type !== type)) continue;
    // The text that is searched begins with the namespace, so that most offers are decided by one look.
    if (q !== "" && !haystacks[n]?.includes(q)) continue;
    if (q === "" || offer.namespace === q) exact.push(offer);
    else if (offer.namespace.startsWith(q)) prefix.push(offer);
    else others.push(offer);
  }
  return [...exact, ...prefix, ...others];
};
