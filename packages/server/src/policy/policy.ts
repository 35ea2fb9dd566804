import { HitagiError } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { changedRules, fieldPolicy, permitted } from "./field-policy.ts";
import type { Policy } from "./types.ts";

export interface PolicyDeps {
  documents: Documents;
}

export const createPolicy = ({ documents }: PolicyDeps): Policy => ({
  permit: async (plugin, findings) => {
    const { value } = await documents.read(fieldPolicy);
    return (now, keepTitle) => permitted(value.rules, plugin, findings, now, keepTitle);
  },
  fields: async () => {
    const { value, revision } = await documents.read(fieldPolicy);
    return { ...value, revision };
  },
  changeFields: async (changes, expected) => {
    const { value, revision } = await documents.change(fieldPolicy, (stored) => {
      if (expected !== undefined && expected !== stored.revision)
        throw new HitagiError("DOCUMENT_CHANGED", { name: fieldPolicy.name });
      return { rules: changedRules(stored.value.rules, changes) };
    });
    return { ...value, revision };
  },
});
