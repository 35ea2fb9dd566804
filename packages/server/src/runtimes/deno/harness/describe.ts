const MAX_REASON = 4096;

/**
 * What was thrown, in words, for whatever was thrown: plugins throw undefined, frozen objects and objects whose
 * properties throw.
 */
export const describe = (thrown: unknown): string => {
  try {
    return wordsFor(thrown).slice(0, MAX_REASON);
  } catch {
    // A getter or toString of the thrown value threw in its turn.
    return "it threw a value that cannot be read";
  }
};

const wordsFor = (thrown: unknown): string => {
  if (typeof thrown === "string") return thrown || "it threw an empty text";
  if (typeof thrown !== "object" || thrown === null) return `it threw ${String(thrown)}`;
  const { message, name } = thrown as { message?: unknown; name?: unknown };
  if (typeof message === "string" && message !== "") return message;
  return `it threw ${typeof name === "string" && name !== "" ? `a ${name}` : "an object"} without a message`;
};

/** Where it was thrown, for the author; undefined where the value does not say. */
export const stackOf = (thrown: unknown): string | undefined => {
  try {
    const stack = (thrown as { stack?: unknown } | undefined | null)?.stack;
    return typeof stack === "string" ? stack.slice(0, MAX_REASON) : undefined;
  } catch {
    return undefined;
  }
};
