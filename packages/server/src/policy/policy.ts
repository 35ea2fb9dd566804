import { HitagiError } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { changedRules, fieldPolicy, permitted } from "./field-policy.ts";
import { createTagTables, type TagTablesDeps } from "./tag-table.ts";
import { createTagPolicy } from "./tags.ts";
import type { Policy } from "./types.ts";

export interface PolicyDeps extends TagTablesDeps {
  documents: Documents;
}

export const createPolicy = ({ documents, files }: PolicyDeps): Policy => {
  const tagPolicy = createTagPolicy({ documents, tables: createTagTables({ files }) });
  return {
    ...tagPolicy,
    permit: async (plugin, findings) => {
      const { value } = await documents.read(fieldPolicy);
      const rewrite = await tagPolicy.tagRewriter();
      const ruled = rewrite ? { ...findings, tags: rewrite(findings.tags) } : findings;
      return (now, keepTitle) => permitted(value.rules, plugin, ruled, now, keepTitle);
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
  };
};
