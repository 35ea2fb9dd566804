import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { ReadableStacks } from "../runtimes/stack/readable-stack.ts";
import type { PluginCode } from "../runtimes/types.ts";
import { authorHintOf } from "./author-hints.ts";
import type { RunFailure, SourcePlace } from "./types.ts";

const PLACE = /(?:\(|\s|^)([^\s()]+?):(\d+):(\d+)\)?\s*$/;

/** Files of Deno and Node, such as `ext:deno_fetch/22_body.js`. */
const INTERNAL = /^(ext|node|deno):/;

/** The first place in a source of the plugin that a stack names. */
const placeIn = (stack: string | null): SourcePlace | null => {
  for (const line of stack?.split("\n") ?? []) {
    const [, file, row, column] = PLACE.exec(line) ?? [];
    if (file !== undefined && !INTERNAL.test(file))
      return { file, line: Number(row), column: Number(column) };
  }
  return null;
};

/** A load error begins with the place: `plugin.ts:3:5: Unexpected token`. */
const placeInReason = (message: string): SourcePlace | null => {
  const [, file, row, column] = /([^\s:]+\.(?:ts|js|mjs|pm)):(\d+):(\d+)/.exec(message) ?? [];
  return file === undefined ? null : { file, line: Number(row), column: Number(column) };
};

/** The class of an error, with which its stack begins. What else is thrown has no stack. */
const thrownIn = (stack = ""): string | null => /^[A-Za-z_$][\w$]*(?=:|\n|$)/.exec(stack)?.[0] ?? null;

/**
 * What an author is told of a failure.
 * @param thrown the stack of what the plugin threw
 * @throws the error, where it is a fault of this program
 */
export const runFailure = async (
  error: unknown,
  code: PluginCode,
  stacks: ReadableStacks,
  thrown?: string,
): Promise<RunFailure> => {
  if (!isHitagiError(error)) throw error;
  const stack = (thrown && (await stacks.of(code, thrown))) || null;
  return {
    code: error.code,
    message: messageOf(error),
    hint: authorHintOf(error),
    thrown: thrownIn(thrown),
    place: placeIn(stack) ?? placeInReason(error.message),
    stack,
  };
};

const messageOf = ({ message }: HitagiError): string => message.split("\n", 1)[0] ?? "";
