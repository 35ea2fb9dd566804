/**
 * Makes the formatter of a locale once: making one takes longer than a row of a list may.
 *
 *     const numberOf = formatOf((locale) => new Intl.NumberFormat(locale));
 *     numberOf("ja").format(5);
 */
export const formatOf = <F>(make: (locale: string) => F): ((locale: string) => F) => {
  const made = new Map<string, F>();
  return (locale) => {
    const known = made.get(locale);
    if (known !== undefined) return known;
    const format = make(locale);
    made.set(locale, format);
    return format;
  };
};
