type Messages = Record<string, string | readonly unknown[]>;

/** A text that is longer by two fifths, with accents that fonts and line heights must bear. */
const stretch = (text: string): string => {
  const accented = text.replace(
    /[aeiou]/g,
    (letter) => ({ a: "ä", e: "é", i: "ï", o: "ö", u: "ü" })[letter] ?? letter,
  );
  return text.length < 3
    ? accented
    : `${accented}${"enlänge".repeat(Math.ceil(text.length / 17)).slice(0, Math.ceil(text.length * 0.4))}`;
};

/** Compiled messages are texts, or lists of texts and lists with a variable's name first. */
const stretched = (message: unknown): unknown => {
  if (typeof message === "string") return stretch(message);
  return Array.isArray(message)
    ? message.map((part: unknown) => (typeof part === "string" ? stretch(part) : part))
    : message;
};

export const longer = (messages: Messages): Messages =>
  Object.fromEntries(Object.entries(messages).map(([id, message]) => [id, stretched(message)])) as Messages;
