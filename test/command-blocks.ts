/** One command of a block, with what the page says that it prints; undefined where the page says nothing of it. */
export interface Step {
  command: string;
  printed: string | undefined;
}

/** A block of commands of a page. */
export interface CommandBlock {
  /** The line of the page that it begins at. */
  line: number;
  steps: Step[];
  /** Shell lines that are run before it, and are not shown. */
  before: string;
  /** Why it is not run. */
  notRun: string | undefined;
  /** Whether it is run while no server runs. */
  stopped: boolean;
  /** The file that it is written to. */
  file: string | undefined;
  text: string;
}

/** The commands of a block of shell lines are run together; those of a session, which has prompts, one by one. */
const stepsOf = (language: string, text: string): Step[] => {
  if (language === "sh") return [{ command: text, printed: undefined }];
  const [, ...sessions] = `\n${text}`.split(/\n\$ /);
  return sessions.map((session) => {
    const [command = "", ...printed] = session.split("\n");
    return { command, printed: printed.join("\n").trim() };
  });
};

/**
 * The blocks of commands in a page: `sh`, and `text` or `console` with the prompt `$`. A comment before a block says how it is
 * run: `<!-- not run: why -->`, `<!-- server stopped -->`, or `<!-- before: … -->` with shell lines. A block after `<!-- file: name -->` is written to that file.
 */
export const commandBlocks = (page: string): CommandBlock[] => {
  const blocks = page.matchAll(/((?:^ *<!--(?:(?!-->)[\s\S])*-->\n)*)^( *)```(\w+)\n([\s\S]*?)^\2```$/gm);
  return [...blocks].flatMap((found) => {
    const [, comments = "", indent = "", language = "", code = ""] = found;
    // A block in a list is indented as its item is.
    const text = code.replaceAll(new RegExp(`^${indent}`, "gm"), "");
    const file = /<!-- file: (.*?) -->/.exec(comments)?.[1];
    const steps = ["sh", "text", "console"].includes(language) ? stepsOf(language, text.trimEnd()) : [];
    if (steps.length === 0 && file === undefined) return [];
    const line = page.slice(0, found.index + comments.length).split("\n").length;
    const before = [...comments.matchAll(/<!-- before:([\s\S]*?)-->/g)].map(([, lines]) => lines).join("\n");
    const notRun = /<!-- not run: ([\s\S]*?) -->/.exec(comments)?.[1];
    const stopped = comments.includes("<!-- server stopped -->");
    return [{ line, steps, before, notRun, stopped, file, text }];
  });
};

/** The lines of a page that are code by their indent alone: such a block says neither its language nor whether it is run. */
export const indentedCode = (page: string): string[] => {
  const prose = page.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "```");
  return [...prose.matchAll(/\n\n( {4}\S.*)/g)].map(([, line = ""]) => line.trim());
};

/** Names that each run makes anew, by what stands in their place. One that occurs twice is the same one in both texts. */
const NAMES: [RegExp, string][] = [
  [/\bREG_\d+/g, "REG"],
  [/\bhitagi_[0-9a-f]{16}_[\w-]{43}/g, "KEY"],
  [/^[\w-]{43}$/gm, "KEY"],
  [/\b(?<=[Bb]atch(?: report| undo)? )\d+/g, "BATCH"],
  [/\b[0-9a-f]{64}\b/g, "SHA256"],
  [/\b[0-9a-f]{40}\b/g, "ID"],
  [/\b(?<=process )\d+/g, "PROCESS"],
  [/\b(?<=127\.0\.0\.1:)\d+/g, "PORT"],
];

/** Times and durations differ from run to run, and so do the widths of columns. */
const CHANGING: [RegExp, string][] = [
  [
    /\b\d{4}-\d\d-\d\d[T -]?\d\d[:-]?\d\d(?:[:-]?\d\d)?(?:[.-]\d+)?(?: ?(?:Z|[A-Z]{3,4}|[+-]\d\d(?::\d\d)?))?/g,
    "TIME",
  ],
  [/\b\d\d:\d\d:\d\d\b/g, "TIME"],
  [/\b\d+(?:\.\d+)? (m?s)(?![a-z])/g, "N $1"],
  [/ {2,}/g, "  "],
];

/** Amounts, which may differ somewhat. */
const AMOUNT = /\b(\d+(?:\.\d+)?) (bytes|kB|MB|GB|files?)(?![a-z])/g;
/** How much larger one of two amounts may be. */
const MAX_RATIO = 3;

const numbered = (text: string, [pattern, name]: [RegExp, string], areKnown: boolean): string => {
  const seen = new Map<string, number>();
  return text.replace(pattern, (found) => {
    if (!seen.has(found)) seen.set(found, seen.size + 1);
    return areKnown ? `${name}${seen.get(found)}` : name;
  });
};

/** @param areKnown false where a part of the text is left out, so that names cannot be counted */
const comparable = (text: string, areKnown: boolean): string => {
  const named = NAMES.reduce((changed, one) => numbered(changed, one, areKnown), text);
  return CHANGING.reduce((changed, [pattern, name]) => changed.replace(pattern, name), named)
    .replace(AMOUNT, "AMOUNT $2")
    .trim();
};

const amountsIn = (text: string): number[] => [...text.matchAll(AMOUNT)].map(([, amount]) => Number(amount));

const areNear = (expected: readonly number[], printed: readonly number[]): boolean =>
  expected.length === printed.length &&
  expected.every((amount, n) => {
    const other = printed[n] ?? 0;
    return amount === other || Math.max(amount, other) <= MAX_RATIO * Math.min(amount, other);
  });

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Whether a command printed what a page says. Times, ids and the widths of columns may differ, and sizes somewhat; `…` stands for any
 * text, and on a line of its own for any lines.
 */
export const isPrinted = (expected: string, printed: string): boolean => {
  const isWhole = !expected.includes("…");
  const pattern = escaped(comparable(expected, isWhole)).replace(/^…$/gm, "[\\s\\S]*").replaceAll("…", ".*");
  const isSame = new RegExp(`^${pattern}$`).test(comparable(printed, isWhole));
  return isSame && (!isWhole || areNear(amountsIn(expected), amountsIn(printed)));
};

/** Programs beside `hitagi` that reach only the files that they are given. */
const HARMLESS = /^(?:hitagi|cp|mkdir|printf|echo|cat|rm|sed) /;
/** An absolute path, the home folder, or the folder above. */
const OUTSIDE = /(?:^|[\s"'=>])(?:\/|~(?:\/|\s|$)|\.\.)/;

/** Whether commands only run `hitagi` and the like on files below their folder: pages also say how to set up a machine. */
export const isHarmless = (commands: string): boolean =>
  commands
    .split("\n")
    .every((line) => HARMLESS.test(line) && !OUTSIDE.test(line) && !/[;&|`]|\$\(/.test(line));
