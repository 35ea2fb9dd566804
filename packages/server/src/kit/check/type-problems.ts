import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
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

/** What the compiler says of a program, and of which files that is. */
interface CompiledTypes {
  problems: TypeProblem[];
  /** Absolute; with those of packages. */
  files: ReadonlySet<string>;
}

/** What the compiler says of one file. */
export interface CheckedTypes {
  /** Of the whole program that the file belongs to. */
  problems: TypeProblem[];
  /** The tsconfig.json that leaves the file out, so that nothing is known of its types. */
  leftOutBy?: string;
}

const LIMIT_MS = 60_000;
/** Bytes. */
const MAX_PRINTED = 16 * 1024 * 1024;

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

/** The compiler and the configuration that hold for a file. */
interface Program {
  config: string;
  compiler: string;
}

const programFor = (file: string): Program | undefined => {
  const [config, compiler] = [configFor(file), compilerFor(file)];
  return /\.ts$/i.test(file) && config !== undefined && compiler !== undefined
    ? { config, compiler }
    : undefined;
};

/** @returns undefined where the compiler gives up */
const compile = async (
  { config, compiler }: Program,
  signal?: AbortSignal,
): Promise<CompiledTypes | undefined> => {
  const folder = path.dirname(config);
  const options = ["--noEmit", "--listFiles", "--pretty", "false", "--incremental", "false"];
  const args = [compiler, ...options, "-p", config];
  const limits = { cwd: folder, timeout: LIMIT_MS, maxBuffer: MAX_PRINTED, ...(signal && { signal }) };
  const printed = await promisify(execFile)(process.execPath, args, limits).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; code?: unknown }) =>
      typeof error.code === "number" ? error.stdout : undefined,
  );
  const lines = printed?.split(/\r?\n/);
  if (!lines) return undefined;
  const problems = lines.flatMap((text) => {
    const [, name = "", line, column, message = ""] = LINE.exec(text) ?? [];
    if (message === "") return [];
    return [{ file: path.resolve(folder, name), line: Number(line), column: Number(column), message }];
  });
  return { problems, files: new Set(lines.filter((text) => path.isAbsolute(text)).map(path.normalize)) };
};

/** What a program says of one file. A folder above it may be a link. */
const ofFile = (file: string, { config }: Program, compiled: CompiledTypes | undefined) => {
  if (!compiled) return undefined;
  const { problems, files } = compiled;
  const isIn = files.has(file) || files.has(realpathSync(file));
  return isIn ? { problems } : { problems, leftOutBy: config };
};

/**
 * Checks the types of the program that a plugin belongs to.
 * @returns undefined where the compiler or the configuration is missing, or the compiler gives up
 */
export type FindTypeProblems = (file: string) => Promise<CheckedTypes | undefined>;

/** Checks the types of a plugin with the compiler and the configuration beside it, as they are now. */
export const typeProblems = async (file: string, signal?: AbortSignal): Promise<CheckedTypes | undefined> => {
  const program = programFor(file);
  return program && ofFile(file, program, await compile(program, signal));
};

/** The same for several plugins that do not change meanwhile: those of one configuration are compiled once. */
export const shareTypeProblems = (): FindTypeProblems => {
  const compiled = new Map<string, Promise<CompiledTypes | undefined>>();
  return async (file) => {
    const program = programFor(file);
    if (!program) return undefined;
    const key = `${program.compiler}\n${program.config}`;
    const compiling = compiled.get(key) ?? compile(program);
    compiled.set(key, compiling);
    return ofFile(file, program, await compiling);
  };
};
