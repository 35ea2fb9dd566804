import { comparableText, type PluginType, toNamespace } from "@hitagi/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { byNamespace, createSearchIndex, findOffers, type Offer } from "../../src/catalog/search-index.ts";
import type { OfferSummary } from "../../src/store/types.ts";

const TYPES: PluginType[] = ["metadata", "script"];
/** Few letters, so that texts often hold one another, and reach from one offer into the next. */
const text = (minLength: number) =>
  fc
    .array(fc.constantFrom("a", "b", "B", "\n", "漫"), { minLength, maxLength: 4 })
    .map((all) => all.join(""));
const summary = fc.record<OfferSummary>({
  namespace: fc
    .array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 })
    .map((all) => toNamespace(all.join(""))),
  type: fc.constantFrom(...TYPES),
  version: fc.constant("1.0.0"),
  name: text(1),
  author: text(1),
  description: text(1),
  published_at: fc.constant("2026-01-02T03:04:05Z"),
  versions: fc.constant(1),
});
const summaries = fc.uniqueArray(summary, { selector: (one) => one.namespace, maxLength: 8 });

const searchText = ({ namespace, name, author, description }: OfferSummary): string =>
  comparableText([namespace, name, author, description].join("\n"));

/** The same, said in the plainest way. */
const found = (offers: Offer[], q: string, type: PluginType | undefined): Offer[] => {
  const all = offers.filter(
    (offer) => searchText(offer).includes(q) && (type === undefined || offer.type === type),
  );
  const rank = (offer: Offer) => (offer.namespace === q ? 0 : searchText(offer).startsWith(q) ? 1 : 2);
  return q === "" ? all : all.sort((a, b) => rank(a) - rank(b) || byNamespace(a, b));
};

test("finds a name however it is composed", async () => {
  const offer = {
    namespace: toNamespace("cafe"),
    type: "metadata",
    version: "1.0.0",
    published_at: "2026-01-02T03:04:05Z",
    versions: 1,
  } as const;
  const index = await createSearchIndex("REG_0000000001", [
    { ...offer, name: "Cafe\u0301", author: "", description: "" },
  ]);
  expect(await findOffers(index, comparableText("CAFÉ"), undefined)).toHaveLength(1);
});

test("finds the offers whose text contains the query, the best match first", async () => {
  await fc.assert(
    fc.asyncProperty(summaries, text(0), fc.constantFrom(undefined, ...TYPES), async (all, words, type) => {
      const q = comparableText(words.trim());
      const index = await createSearchIndex("REG_0000000001", all);
      expect(await findOffers(index, q, type)).toEqual(found([...index.offers], q, type));
    }),
    { numRuns: 2000 },
  );
});
