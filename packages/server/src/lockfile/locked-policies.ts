import { isDeepStrictEqual } from "node:util";
import type { FieldPolicyRule, LockedPolicies, SyncedPolicy } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { changedRules, fieldPolicy } from "../policy/field-policy.ts";
import { tagRules } from "../policy/tags.ts";

/** The rules for what metadata plugins may write, as they are here. The table of translations is a file of this machine, and stays. */
export const readPolicies = async (documents: Pick<Documents, "read">): Promise<LockedPolicies> => {
  const [fields, tags] = [await documents.read(fieldPolicy), await documents.read(tagRules)];
  const { enabled, text } = tags.value;
  return { fields: [...fields.value.rules], tags: { enabled, text } };
};

/** The rules of a lock file in the form in which they are stored. */
export const normalPolicies = ({ fields, tags }: LockedPolicies): LockedPolicies => ({
  fields: changedRules([], fields),
  tags,
});

const fieldLine = ({ plugin, field, rule }: FieldPolicyRule): string =>
  `${plugin ?? "all plugins"}: ${field} ${rule}`;

const tagLines = ({ enabled, text }: LockedPolicies["tags"]): string[] => [
  ...text.split("\n").filter((line) => line.trim() !== ""),
  ...(enabled ? [] : ["(off)"]),
];

const changeOf = (
  policy: SyncedPolicy["policy"],
  before: readonly string[],
  after: readonly string[],
): SyncedPolicy => {
  // There may be a hundred thousand lines.
  const [had, has] = [new Set(before), new Set(after)];
  const [removed, added] = [before.filter((line) => !has.has(line)), after.filter((line) => !had.has(line))];
  // Only the order differs, which counts for tag rules.
  if (removed.length + added.length === 0) return { policy, removed: [...before], added: [...after] };
  return { policy, removed, added };
};

/** What a sync changes of the rules. @param wanted undefined where the lock file has none: they stay */
export const policyChanges = (now: LockedPolicies, wanted: LockedPolicies | undefined): SyncedPolicy[] => {
  if (wanted === undefined) return [];
  const { fields, tags } = wanted;
  return [
    ...(isDeepStrictEqual(now.fields, fields)
      ? []
      : [changeOf("fields", now.fields.map(fieldLine), fields.map(fieldLine))]),
    ...(isDeepStrictEqual(now.tags, tags) ? [] : [changeOf("tags", tagLines(now.tags), tagLines(tags))]),
  ];
};

type Change = Pick<Documents, "read" | "change">;

/** Makes the rules these. The tag rules of before can be undone, as after any change. */
export const setPolicies = async (
  documents: Change,
  { fields, tags }: Partial<LockedPolicies>,
): Promise<void> => {
  const now = await readPolicies(documents);
  if (fields && !isDeepStrictEqual(now.fields, fields))
    await documents.change(fieldPolicy, () => ({ rules: fields }));
  if (tags && !isDeepStrictEqual(now.tags, tags))
    await documents.change(tagRules, ({ value: { before: _, ...before } }) => ({
      ...before,
      ...tags,
      before,
    }));
};

/** The rules that a sync has set, as they were before it. Those that their owner changed meanwhile stay. */
export const undoPolicies = async (
  documents: Change,
  { before, wanted }: { before: LockedPolicies; wanted: LockedPolicies },
): Promise<void> => {
  const now = await readPolicies(documents);
  await setPolicies(documents, {
    ...(isDeepStrictEqual(now.fields, wanted.fields) && { fields: before.fields }),
    ...(isDeepStrictEqual(now.tags, wanted.tags) && { tags: before.tags }),
  });
};
