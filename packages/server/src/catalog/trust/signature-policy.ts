import { SignaturePolicy } from "@hitagi/contract";
import { type Documents, documentKind } from "../../documents/documents.ts";

/** The owner's rules for signatures; no registry must be signed until one says so. */
export const signaturePolicy = documentKind("signature-policy", SignaturePolicy, {}, "signatures");

/** Whether the owner refuses an index of a registry that is not signed. */
export const isSignatureRequired = async (
  documents: Pick<Documents, "read">,
  registry: string,
): Promise<boolean> => {
  const {
    requireAll = false,
    registries = [],
    exceptions = [],
  } = (await documents.read(signaturePolicy)).value;
  return registries.includes(registry) || (requireAll && !exceptions.includes(registry));
};
