export {
  type BlockEntry,
  type BlockList,
  blockEntryOf,
  blockEntryText,
  blockKinds,
  readBlockList,
  signBlockList,
  type VerifiedBlockList,
} from "./block-list.ts";
export { makeSeed, publicKeyOf } from "./ed25519.ts";
export type { CertifiedKeys, Head, KeysOfHead, PreviousHead } from "./head.ts";
export { headHash, headText, isHeadFile, keysLines, MAX_PREVIOUS, readKeys, recoveryName } from "./head.ts";
export { judgeHead, type Succession } from "./judge-head.ts";
export { MAX_NOTE_BYTES } from "./note.ts";
export { certifyKeys, signHead } from "./sign-head.ts";
export { type TrustCode, TrustError } from "./trust-error.ts";
export { type VerifierKey, verifierKey } from "./verifier-key.ts";
export { type VerifiedHead, verifyHead, verifyKeys } from "./verify-head.ts";
export { fingerprintOf, seedOfWords, WordsError, wordsOfFingerprint, wordsOfSeed } from "./words.ts";
