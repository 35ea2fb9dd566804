/** A position in a file: line and column begin at 1. */
export interface FilePosition {
  line: number;
  column: number;
}

/** One frame of a stack: the text around the place, and the position if it is in the plugin's file. */
export interface Frame {
  before: string;
  at: FilePosition | undefined;
  after: string;
}

/** Frames of a stack that are kept. */
const MAX_FRAMES = 50;

/** The file is loaded from a blob, whose address names nothing. */
const IN_PLUGIN = /^(\s+at .*?)blob:[^\s()]*?:(\d{1,9}):(\d{1,9})(.*)$/;

/** The server's own code in the process. */
const IN_HARNESS = /\bfile:\/\/\/harness\//;

const frameOf = (line: string): Frame => {
  const [, before = line, row, column, after = ""] = IN_PLUGIN.exec(line) ?? [];
  const at = row === undefined ? undefined : { line: Number(row), column: Number(column) };
  return { before, at, after };
};

/** The frames of a stack as a plugin's process gives it, without those of the server's own code. */
export const framesOf = (stack: string): Frame[] =>
  stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !IN_HARNESS.test(line))
    .slice(0, MAX_FRAMES)
    .map(frameOf);

/** A frame as one line of text. @param file of the plugin */
export const frameText = ({ before, at, after }: Frame, file: string): string =>
  at ? `${before}${file}:${at.line}:${at.column}${after}` : before;
