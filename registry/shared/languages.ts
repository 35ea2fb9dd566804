/** Codes of ISO 639-2 that name no language: undetermined, multiple, uncoded, none. */
const NO_LANGUAGE = new Set(["und", "mul", "mis", "zxx"]);

/** `ja`, `jpn` and `ja_JP` are tagged as `language:japanese`; an unknown code stays as it is. Texts that are no code give no tag. */
export const languageTags = (text: string): string[] => {
  const code = text.trim().replaceAll("_", "-").toLowerCase();
  const [language = ""] = code.split("-");
  if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/.test(code) || NO_LANGUAGE.has(language)) return [];
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  return [`language:${(names.of(language) ?? language).toLowerCase()}`];
};
