import { judgeHead, type KeysOfHead, keysLines, TrustError, type VerifiedHead } from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";
import type { SigningKey } from "./key-file.ts";

const FORK =
  "Another copy of the folder was signed, or a thief has the key. Compare both; then `hitagi registry recover` begins an epoch that ends the other one.";

/** A thief may have published what the folder does not have. */
const behindHint = ({ sequence, epoch }: VerifiedHead): string =>
  `If you or your pipeline signed head ${sequence} of epoch ${epoch}, get its files first, and use the key of that epoch. If not, your key is stolen: take nothing from there, and see "A bad day" in the guide for keepers.`;

/** What a keeper does about a published head that the folder's does not follow. */
const publishedHints: Partial<Record<string, string>> = {
  HEAD_FORKED: FORK,
  KEYS_FORKED: FORK,
  ORIGIN_CHANGED: "Check the address: it shows another registry.",
  RECOVERY_KEY_CHANGED: "Check the address: it shows a registry of another recovery key.",
};

/** @throws KeeperError if a folder's head is not the published one or one that follows it */
export const checkPublished = (head: VerifiedHead | undefined, published: VerifiedHead | undefined): void => {
  if (!published) return;
  if (!head)
    throw new KeeperError(
      `Head ${published.sequence} of epoch ${published.epoch} is published, and the folder has none.`,
      "Get the published registry.head first.",
      "SIGNATURE_MISSING",
    );
  try {
    judgeHead(head, published);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    const isBehind = error.code === "REGISTRY_BEHIND" || error.code === "HEAD_ROLLED_BACK";
    const hint = isBehind ? behindHint(published) : (publishedHints[error.code] ?? FORK);
    throw new KeeperError(
      `The folder's head does not follow the published one: ${error.message.replace("was accepted", "is published")}.`,
      hint,
      error.code,
    );
  }
};

const sameLines = (a: SigningKey["keys"], b: SigningKey["keys"]): boolean =>
  keysLines(a).slice(0, -1).join("\n") === keysLines(b).slice(0, -1).join("\n");

/** @throws KeeperError if a key is not of the registry that a head is of */
export const checkIdentity = (
  keys: Pick<KeysOfHead, "origin" | "recovery">,
  head: VerifiedHead | undefined,
): void => {
  if (!head) return;
  if (keys.origin !== head.origin)
    throw new KeeperError(
      `The key is of ${keys.origin}, and the registry is ${head.origin}.`,
      "Give the key of this registry.",
      "ORIGIN_CHANGED",
    );
  if (!keys.recovery.bytes.equals(head.recovery.bytes))
    throw new KeeperError(
      "The registry's head has another recovery key.",
      "Owners know the registry by its recovery key. Give the key that belongs to it.",
      "RECOVERY_KEY_CHANGED",
    );
};

/** @throws KeeperError if a key cannot sign the head after this one */
export const checkKey = ({ keys }: SigningKey, head: VerifiedHead | undefined): void => {
  if (!head) return;
  checkIdentity(keys, head);
  if (keys.epoch < head.epoch)
    throw new KeeperError(
      `The key is of epoch ${keys.epoch}, and the registry is in epoch ${head.epoch}.`,
      "Give the key that `hitagi registry recover` wrote last.",
      "HEAD_ROLLED_BACK",
    );
  if (keys.epoch > head.epoch)
    throw new KeeperError(
      `The key is of epoch ${keys.epoch}, and the folder is in epoch ${head.epoch}.`,
      "Use the folder in which `hitagi registry recover` began the epoch.",
    );
  if (sameLines(keys, head)) return;
  throw new KeeperError(
    `The key is of another list of keys than the registry has in epoch ${head.epoch}.`,
    FORK,
    "KEYS_FORKED",
  );
};
