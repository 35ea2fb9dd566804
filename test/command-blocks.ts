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
  const blocks = page.matchAll(/((?:^<!--(?:(?!-->)[\s\S])*-->\n)*)^```(\w+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap((found) => {
    const [, comments = "", language = "", text = ""] = found;
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

/** What differs from run to run, by what stands in its place in both texts. */
const CHANGING: [RegExp, string][] = [
  [/\bREG_\d+/g, "REG_N"],
  [/\bhitagi_[0-9a-f]{16}_[\w-]{43}/g, "KEY"],
  [/^[\w-]{43}$/gm, "KEY"],
  [/\b([Bb]atch(?: report| undo)?) \d+/g, "$1 N"],
  [/\b[0-9a-f]{64}\b/g, "SHA256"],
  [/\b[0-9a-f]{40}\b/g, "ID"],
  [
    /\b\d{4}-\d\d-\d\d[T -]?\d\d[:-]?\d\d(?:[:-]?\d\d)?(?:[.-]\d+)?(?: ?(?:Z|[A-Z]{3,4}|[+-]\d\d(?::\d\d)?))?/g,
    "TIME",
  ],
  [/\b\d\d:\d\d:\d\d\b/g, "TIME"],
  [/\b\d+(?:\.\d+)? (?:ms|s|bytes|kB|MB|GB)(?![a-z])/g, "N"],
  [/\bprocess \d+/g, "process N"],
  [/\b\d+ files?\b/g, "N files"],
  [/\b127\.0\.0\.1:\d+/g, "127.0.0.1:N"],
  [/ {2,}/g, "  "],
];

const comparable = (text: string): string =>
  CHANGING.reduce((changed, [pattern, name]) => changed.replace(pattern, name), text).trim();

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Whether a command printed what a page says. Times, ids, sizes and the widths of columns may differ; `…` stands for any text, and
 * on a line of its own for any lines.
 */
export const isPrinted = (expected: string, printed: string): boolean => {
  const pattern = escaped(comparable(expected)).replace(/^…$/gm, "[\\s\\S]*").replaceAll("…", ".*");
  return new RegExp(`^${pattern}$`).test(comparable(printed));
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
