import { createHash } from "node:crypto";
import { type BlockEntry, publicKeyOf, signBlockList, verifierKey } from "@hitagi/trust";

const name = "example.org/blocks";

/** The seed of a publisher's key. */
const seedOf = (publisher: string): Buffer => createHash("sha256").update(publisher).digest();

/** The key of a publisher, as an owner pins it. */
export const blockKey = (publisher = "publisher"): string =>
  verifierKey(name, publicKeyOf(seedOf(publisher))).text;

/** The file of an edition with these entries: `block namespace echo it steals`. */
export const blockListFile = (sequence: number, entries: string[], publisher = "publisher"): string =>
  signBlockList(
    {
      ...{
        name,
        key: verifierKey(name, publicKeyOf(seedOf(publisher))),
        sequence,
        time: "2026-11-29T12:00:00Z",
      },
      entries: entries.map((line) => {
        const [action, kind, value = "", ...reason] = line.split(" ");
        return { action, kind, value, reason: reason.join(" ") } as BlockEntry;
      }),
    },
    seedOf(publisher),
  );
