/** Milliseconds between two looks at what others change without telling. */
const EVERY_MS = 30_000;

/**
 * Looks again and again, one look after the other.
 * @param onError told of a look that failed
 * @returns stops that, and resolves when no look is under way
 */
export const poll = (
  look: () => Promise<void>,
  onError: (error: unknown) => void,
  everyMs: number = EVERY_MS,
): (() => Promise<void>) => {
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look).catch(onError);
  }, everyMs).unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
};
