import { HitagiError, isHitagiError, type TagStep, TagTable } from "@hitagi/contract";
import { type Static, Type } from "typebox";
import { type Documents, documentKind, type StoredDocument } from "../documents/documents.ts";
import { joinTags, splitTags } from "../library/tags.ts";
import { parseTagRules, type RewrittenTag, rewriteTag, ruleFault, type TagRules } from "./tag-rules.ts";
import type { TagTables, Translate } from "./tag-table.ts";
import type { TagPolicy, TagRulesState } from "./types.ts";

const State = Type.Object({
  enabled: Type.Boolean(),
  text: Type.String(),
  table: Type.Union([TagTable, Type.Null()]),
});
type State = Static<typeof State>;

const NO_RULES: State = { enabled: true, text: "", table: null };

/** `before` is the state that an undo restores. */
const WithUndo = Type.Object({ ...State.properties, before: Type.Optional(State) });

export const tagRules = documentKind("tag-rules", WithUndo, NO_RULES, "tags");

export interface TagPolicyDeps {
  documents: Documents;
  tables: TagTables;
}

const asItIs: Translate = (tag) => tag;

const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trim());

/** The text itself. Lines that are stored already are not judged again. @throws HitagiError TAG_RULE_INVALID */
const checkedText = (text: string, stored: string, lenient: boolean): string => {
  if (lenient) return text;
  const known = new Set(linesOf(stored));
  for (const line of linesOf(text)) {
    const fault = line === "" || known.has(line) ? undefined : ruleFault(line);
    if (fault) throw new HitagiError("TAG_RULE_INVALID", { rule: JSON.stringify(line), ...fault });
  }
  return text;
};

/** Tag rules, then the translation table: what is left of one tag. */
const rewritten = (rules: TagRules, translate: Translate, tag: string): TagStep => {
  const { tags, by }: RewrittenTag = rewriteTag(rules, tag);
  const translated = tags.map(translate);
  return {
    tag,
    becomes: translated,
    rules: by.map(({ text }) => text),
    translated: translated.some((one, n) => one !== tags[n]),
  };
};

/** What the owner's rules make of the tags that plugins find. */
export const createTagPolicy = ({ documents, tables }: TagPolicyDeps): TagPolicy => {
  /** The rules of each stored text; a changed document is another object. */
  const parsed = new WeakMap<object, TagRules>();
  const rulesOf = (state: State): TagRules => {
    const known = parsed.get(state) ?? parseTagRules(state.text);
    parsed.set(state, known);
    return known;
  };
  const translateOf = async ({ table }: State): Promise<Translate> =>
    table === null ? asItIs : (await tables.open(table)).translate;

  /** @throws HitagiError TAG_TABLE_UNUSABLE */
  const stepsBy = async (state: State): Promise<(tags: readonly string[]) => TagStep[]> => {
    const translate = await translateOf(state);
    const rules = rulesOf(state);
    return (tags) => tags.map((tag) => rewritten(rules, translate, tag));
  };
  const tableState = async ({ table }: State): Promise<Pick<TagRulesState, "tableTags" | "tableProblem">> => {
    if (table === null) return { tableTags: null, tableProblem: null };
    try {
      return { tableTags: (await tables.open(table)).size, tableProblem: null };
    } catch (error) {
      if (!isHitagiError(error, "TAG_TABLE_UNUSABLE")) throw error;
      return { tableTags: null, tableProblem: error.message };
    }
  };
  const toState = async ({
    value,
    revision,
  }: StoredDocument<Static<typeof WithUndo>>): Promise<TagRulesState> => {
    const { rules, ignored } = rulesOf(value);
    const { enabled, text, table, before } = value;
    const canUndo = before !== undefined;
    return { enabled, text, table, ...(await tableState(value)), rules, ignored, canUndo, revision };
  };
  return {
    tags: async () => toState(await documents.read(tagRules)),
    tagRewriter: async () => {
      const { value } = await documents.read(tagRules);
      if (!value.enabled || (value.text === "" && value.table === null)) return undefined;
      const steps = await stepsBy(value);
      return (tags) => steps(tags).flatMap(({ becomes }) => becomes);
    },
    tryTags: async (tags, text) => {
      const { value } = await documents.read(tagRules);
      const steps = (await stepsBy(text === undefined ? value : { ...value, text }))(splitTags(tags));
      return { steps, tags: joinTags(steps.flatMap(({ becomes }) => becomes)) };
    },
    changeTags: async ({ table: given, undo = false, lenient = false, ...change }, expected) => {
      const table = given ? await tables.check(given) : given;
      const changed = await documents.change(tagRules, ({ value, revision }) => {
        if (expected !== undefined && expected !== revision)
          throw new HitagiError("DOCUMENT_CHANGED", { name: tagRules.name });
        const { before, ...now } = value;
        if (undo) {
          if (before === undefined) throw new HitagiError("TAG_RULES_NO_UNDO");
          return { ...before, before: now };
        }
        return {
          enabled: change.enabled ?? now.enabled,
          text: change.text === undefined ? now.text : checkedText(change.text, now.text, lenient),
          table: table === undefined ? now.table : table,
          before: now,
        };
      });
      return toState(changed);
    },
  };
};
