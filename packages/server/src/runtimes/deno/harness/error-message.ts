const MAX_LENGTH = 4096;

/** The message of a thrown value, which may be undefined, frozen or have getters that throw. */
export const errorMessage = (thrown: unknown): string => {
  try {
    return messageOf(thrown).slice(0, MAX_LENGTH);
  } catch {
    return "it threw a value that cannot be read";
  }
};

const messageOf = (thrown: unknown): string => {
  if (typeof thrown === "string") return thrown || "it threw an empty text";
  if (typeof thrown !== "object" || thrown === null) return `it threw ${String(thrown)}`;
  const { message, name } = thrown as { message?: unknown; name?: unknown };
  if (typeof message === "string" && message !== "") return message;
  return `it threw ${typeof name === "string" && name !== "" ? `a ${name}` : "an object"} without a message`;
};

/** The stack trace of a thrown value; undefined if it has none. */
export const stackOf = (thrown: unknown): string | undefined => {
  try {
    const stack = (thrown as { stack?: unknown } | undefined | null)?.stack;
    return typeof stack === "string" ? stack.slice(0, MAX_LENGTH) : undefined;
  } catch {
    return undefined;
  }
};
