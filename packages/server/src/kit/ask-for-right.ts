import type { MissingRight } from "./types.ts";

/** The line of a manifest that asks for a right. */
export const manifestLine = ({ permission, value }: MissingRight): string => {
  const text = permission === "net" ? `["${value}"]` : JSON.stringify(value);
  return `permissions: { ${permission}: ${text} },`;
};
