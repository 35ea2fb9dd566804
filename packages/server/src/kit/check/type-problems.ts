import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";

/** An error of the TypeScript compiler. */
export interface TypeProblem {
  /** Absolute. */
  file: string;
  line: number;
  column: number;
  /** With its number: `TS2322: …`. */
  message: string;
}

const LIMIT_MS = 60_000;

/** The tsconfig.json that holds for a file: in its folder or one above. */
const configFor = (file: string): string | undefined => {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const config = path.join(folder, "tsconfig.json");
    if (existsSync(config)) return config;
    if (folder === path.dirname(folder)) return undefined;
  }
};

/** The compiler that is installed beside a plugin. */
const compilerFor = (file: string): string | undefined => {
  try {
    const manifest = createRequire(file).resolve("typescript/package.json");
    return path.join(path.dirname(manifest), "bin", "tsc");
  } catch {
    return undefined;
  }
};

const LINE = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/;

/**
 * Checks the types of a plugin with the compiler and the configuration beside it.
 * @returns undefined where one of the two is missing, or the compiler gives up
 */
export const typeProblems = async (
  file: string,
  signal?: AbortSignal,
): Promise<TypeProblem[] | undefined> => {
  if (!/\.ts$/i.test(file)) return undefined;
  const [config, compiler] = [configFor(file), compilerFor(file)];
  if (config === undefined || compiler === undefined) return undefined;
  const folder = path.dirname(config);
  const args = [compiler, "--noEmit", "--pretty", "false", "--incremental", "false", "-p", config];
  const options = { cwd: folder, timeout: LIMIT_MS, ...(signal && { signal }) };
  const printed = await promisify(execFile)(process.execPath, args, options).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; code?: unknown }) =>
      typeof error.code === "number" ? error.stdout : undefined,
  );
  return printed?.split(/\r?\n/).flatMap((text) => {
    const [, name = "", line, column, message = ""] = LINE.exec(text) ?? [];
    if (message === "") return [];
    return [{ file: path.resolve(folder, name), line: Number(line), column: Number(column), message }];
  });
};
