/** Text as it comes back from whatever keeps it in UTF-8: half of a surrogate pair is then U+FFFD. */
export const throughUtf8 = (text: string): string => Buffer.from(text, "utf8").toString("utf8");
