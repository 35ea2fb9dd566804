/** Whole seconds since 1970, by the system's clock. */
export const epochSeconds = (): number => Math.floor(Date.now() / 1000);

/** The last second that has a year of four digits. */
const LAST_SECOND = 253_402_300_799;

/** A second since 1970 as a UTC time YYYY-MM-DDTHH:MM:SSZ (RFC 3339), without its fraction; the nearest one that has this form. */
export const utcTime = (seconds: number): string =>
  new Date(Math.min(Math.max(seconds, 0), LAST_SECOND) * 1000).toISOString().replace(/\.\d+Z$/, "Z");
