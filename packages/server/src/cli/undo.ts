import type { Lines } from "./safe-text.ts";

/** A word that every shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** What a terminal does not show as it is: control characters and hidden marks, which may also end a line. */
const UNSHOWN = /[\p{C}\u2028\u2029]|(?!\p{Variation_Selector})\p{Default_Ignorable_Code_Point}/gu;

const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", "'": "\\'" };

/** A character as bash and zsh write it between `$'` and `'`. */
const escaped = (character: string): string => {
  const hex = (character.codePointAt(0) ?? 0).toString(16);
  return escapes[character] ?? (hex.length > 4 ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`);
};

/** A word for a shell. Text of others stays one word, and shows all that it holds. */
export const shellWord = (word: string): string => {
  if (PLAIN.test(word)) return word;
  if (word.search(UNSHOWN) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replace(/[\\']/g, escaped).replace(UNSHOWN, escaped)}'`;
};

/** A command of this program as it is typed into a shell. */
export const commandLine = (...words: string[]): string => ["hitagi", ...words].map(shellWord).join(" ");

/** The rule for changes: the output names the command that takes a change back. */
export const sayUndo = (say: (lines: Lines) => void, ...commands: (readonly string[])[]): void =>
  say(commands.map((words) => `To undo: \`${commandLine(...words)}\``));
