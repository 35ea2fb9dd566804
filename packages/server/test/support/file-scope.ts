const closers: (() => unknown)[] = [];

/**
 * Registers what is to be done after the last test of the running file. A hook at the top of a module runs for only one of the
 * test files of a worker that import it; this runs for the file that is running now.
 */
export const onFileFinished = (close: () => unknown): void => void closers.push(close);

/** Does what {@link onFileFinished} registered, the last first. */
export const finishFile = async (): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};
