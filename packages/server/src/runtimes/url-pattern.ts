import vm from "node:vm";

/**
 * A pattern that needs longer for one address is taken as one that does not match. An honest one needs microseconds;
 * the rest is for a machine that is busy with other things.
 */
const LIMIT_MS = 500;

const test = new vm.Script("new RegExp(pattern).test(url)");

/**
 * Whether a download plugin's `url_regex` matches an address. The pattern comes from a plugin: one that would
 * backtrack for ever is stopped after half a second and does not match.
 */
export const matchesUrl = (pattern: string, url: string): boolean => {
  const context = vm.createContext(Object.assign(Object.create(null), { pattern, url }));
  try {
    return test.runInContext(context, { timeout: LIMIT_MS }) === true;
  } catch {
    // Only the pattern can fail here: it does not compile, or it ran into the limit.
    return false;
  }
};
