/** Ends of names in texts that are no hosts. */
const NO_HOST = /\.(?:json|xml|txt|js|html?|php|jpe?g|png|webp|zip|cbz|pm|pl|css)$/i;

/** An address in a text or in a pattern, where `\.` stands for a point and `https?` for two schemes. */
const ADDRESS = /https?\??:\\*\/\\*\/((?:[a-z0-9-]+\\*\.)+[a-z]{2,})/gi;

/**
 * The hosts that a source names in addresses. Comments are left out.
 * @returns sorted
 */
export const hostsIn = (source: string): string[] => {
  const code = source
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n");
  const found = new Set<string>();
  for (const [, written = ""] of code.matchAll(ADDRESS)) {
    const host = written.replaceAll("\\", "").toLowerCase();
    if (!NO_HOST.test(host)) found.add(host);
  }
  return [...found].sort();
};
