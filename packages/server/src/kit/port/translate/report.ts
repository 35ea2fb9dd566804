/** A statement that has no translation. */
export interface LeftStatement {
  line: number;
  /** As it is written, on one line. */
  perl: string;
  reason: string;
}

/** How much of the plugin's functions came over. A condition or the head of a loop counts as a statement. */
export interface TranslationReport {
  statements: number;
  translated: number;
  left: LeftStatement[];
}
