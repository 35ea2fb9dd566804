import type { ArchiveTexts, FieldPolicyRule, FieldRule, HeldBack, Namespace } from "@hitagi/contract";

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

/** The owner's rules for what plugins may change. Every node has them in memory. */
export interface Policy {
  /** Takes the rules as they are now for a plugin's result. The order is: result, field policy, edit. */
  permit(plugin: Namespace, findings: Findings): Promise<Permit>;
  fields(): Promise<FieldPolicyState>;
  /**
   * Sets and removes rules.
   * @param revision refuses the change if the policy has another one
   * @throws HitagiError DOCUMENT_CHANGED
   */
  changeFields(changes: readonly FieldPolicyChange[], revision?: number): Promise<FieldPolicyState>;
}
