/** Whole seconds since 1970, by the system's clock. */
export const epochSeconds = (): number => Math.floor(Date.now() / 1000);
