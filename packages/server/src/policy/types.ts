import type {
  ArchiveTexts,
  FieldPolicyRule,
  FieldRule,
  HeldBack,
  Namespace,
  TagRule,
  TagStep,
  TagTable,
} from "@hitagi/contract";

/** What a metadata plugin proposes for an archive. */
export interface Findings {
  tags: string[];
  title?: string;
  summary?: string;
}

/** An archive as it is when a result is written to it. */
export interface ArchiveNow extends ArchiveTexts {
  /** Its file: a title that is the file's name counts as none. */
  file: string;
}

/** What of a result may be written, and what may not. Its tags are those that the archive lacks. */
export interface Permitted {
  findings: Findings;
  heldBack: HeldBack[];
}

/** What of one result may be written to an archive. @param keepTitle whether its title stays in any case */
export type Permit = (now: ArchiveNow, keepTitle?: boolean) => Permitted;

/** A change of a rule; an undefined rule removes it. */
export type FieldPolicyChange = Omit<FieldPolicyRule, "rule"> & { rule: FieldRule | undefined };

export interface FieldPolicyState {
  /** Of all plugins first, then by plugin; `title`, `summary`, then tags. */
  rules: readonly FieldPolicyRule[];
  revision: number;
}

export interface TagRulesState {
  /** Whether the rules and the table are used. */
  enabled: boolean;
  /** The rules, one on a line. */
  text: string;
  table: TagTable | null;
  /** How many tags the table has; null without a table, and where it cannot be used. */
  tableTags: number | null;
  /** Why this server cannot use the table; null where it can. */
  tableProblem: string | null;
  rules: readonly TagRule[];
  /** Lines of the text that are no rule. */
  ignored: readonly string[];
  /** Whether an earlier state is kept. */
  canUndo: boolean;
  revision: number;
}

export interface TagRulesChange {
  enabled?: boolean | undefined;
  text?: string | undefined;
  /** Null for no table. */
  table?: TagTable | null | undefined;
  /** Goes back to the state before the last change, instead. */
  undo?: boolean | undefined;
  /** Takes new lines of the text as LANraragi does. */
  lenient?: boolean | undefined;
}

/** What becomes of tags. */
export type RewriteTags = (tags: readonly string[]) => string[];

/** The owner's rules for the tags that metadata plugins find, and a table that translates them. */
export interface TagPolicy {
  tags(): Promise<TagRulesState>;
  /**
   * What the rules and the table make of tags, as they are now; undefined if none are in use.
   * @throws HitagiError TAG_TABLE_UNUSABLE: tags are not written untranslated
   */
  tagRewriter(): Promise<RewriteTags | undefined>;
  /**
   * Shows what the rules make of each tag, even while they are off.
   * @param text other rules, to try them; the stored ones by default
   */
  tryTags(tags: string, text?: string): Promise<{ steps: TagStep[]; tags: string }>;
  /** @throws HitagiError DOCUMENT_CHANGED, TAG_RULES_NO_UNDO, TAG_RULE_INVALID, FILE_NOT_GRANTABLE, TAG_TABLE_UNUSABLE */
  changeTags(change: TagRulesChange, revision?: number): Promise<TagRulesState>;
}

/** The owner's rules for what plugins may change. Every node has them in memory. */
export interface Policy extends TagPolicy {
  /** Takes the rules as they are now for a plugin's result. The order is: result, tag rules, field policy, edit. */
  permit(plugin: Namespace, findings: Findings): Promise<Permit>;
  fields(): Promise<FieldPolicyState>;
  /**
   * Sets and removes rules.
   * @param revision refuses the change if the policy has another one
   * @throws HitagiError DOCUMENT_CHANGED
   */
  changeFields(changes: readonly FieldPolicyChange[], revision?: number): Promise<FieldPolicyState>;
}
