import type { Redis } from "ioredis";
import { textOf } from "./redis-text.ts";

/** LANraragi's tag rules, in its notation. */
export interface LanraragiTagRules {
  enabled: boolean;
  text: string;
}

/** The notation of each kind of rule in the list that LANraragi makes of its text. */
const notations: Record<string, (from: string, to: string) => string> = {
  remove: (from) => `-${from}`,
  remove_ns: (from) => `-${from}:*`,
  strip_ns: (from) => `~${from}`,
  replace_ns: (from, to) => `${from}:* -> ${to}:*`,
  replace: (from, to) => `${from} -> ${to}`,
  hash_replace: (from, to) => `${from} => ${to}`,
};

/** A list of kind, tag and replacement in turn, as text. */
const toText = (list: readonly string[]): string => {
  const lines: string[] = [];
  for (let at = 0; at + 2 < list.length; at += 3) {
    const [kind = "", from = "", to = ""] = list.slice(at, at + 3);
    const line = notations[kind]?.(from, to);
    if (line !== undefined) lines.push(line);
  }
  return lines.join("\n");
};

const ON = ["1", "true", "on"];

/**
 * The rules that LANraragi applies: its list LRR_TAGRULES, else the text of its settings, in which `;` stands for the end of a line.
 * @param config the fields of LRR_CONFIG
 * @returns undefined while LANraragi uses rules of its own, which it does not store
 */
export const readTagRules = async (
  redis: Redis,
  { tagrules, tagruleson = "1" }: Record<string, string>,
): Promise<LanraragiTagRules | undefined> => {
  const enabled = ON.includes(tagruleson);
  const isList = (await redis.type("LRR_TAGRULES")) === "list";
  const list = isList ? (await redis.lrangeBuffer("LRR_TAGRULES", 0, -1)).map(textOf) : [];
  if (list.length > 0) return { enabled, text: toText(list) };
  return tagrules === undefined ? undefined : { enabled, text: tagrules.replaceAll(";", "\n") };
};
