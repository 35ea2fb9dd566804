/** Ends of names in texts that are no hosts. */
const NO_HOST = /\.(?:json|xml|txt|js|html?|php|jpe?g|png|webp|zip|cbz|pm|pl|css)$/i;

/** An address in a text or in a pattern, where `\.` stands for a point and `https?` for two schemes. Its port may follow. */
const ADDRESS =
  /https?\??:\\*\/\\*\/((?:[a-z0-9-]+\\*\.)+[a-z]{2,}|localhost|\d{1,3}(?:\\*\.\d{1,3}){3})(?::(\d{1,5}))?/gi;

/** A right to a host without a port is one to these. */
const DEFAULT_PORTS = ["80", "443"];

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
  for (const [, written = "", port] of code.matchAll(ADDRESS)) {
    const host = written.replaceAll("\\", "").toLowerCase();
    if (NO_HOST.test(host)) continue;
    found.add(port === undefined || DEFAULT_PORTS.includes(port) ? host : `${host}:${port}`);
  }
  return [...found].sort();
};
