import { certifiedText, type Head, headText, type KeysOfHead, recoveryName } from "./head.ts";
import { signNote, signText } from "./note.ts";

/** The recovery key's certificate of the keys of an epoch: a head's line `certified`. @param seed of the recovery key */
export const certifyKeys = (keys: KeysOfHead, seed: Uint8Array): string =>
  signText(certifiedText(keys), recoveryName(keys.origin), seed);

/** The file registry.head. @param seed of one of the head's signing keys */
export const signHead = (head: Head, seed: Uint8Array): string => signNote(headText(head), head.origin, seed);
