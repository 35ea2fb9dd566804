/** Text as a store in UTF-8 returns it: half of a surrogate pair becomes U+FFFD. */
export const throughUtf8 = (text: string): string => Buffer.from(text, "utf8").toString("utf8");
