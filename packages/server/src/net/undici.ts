/**
 * The HTTP client, which is loaded at its first use: it is a sixth of all code, and most servers start without a request. The bundle
 * has no names of a CommonJS package, only its default export.
 */
export const loadUndici = async () => (await import("undici")).default;
