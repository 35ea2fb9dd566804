/**
 * Works on items one after the other, and again on those that failed, as long as fewer fail than before: a plugin that another one needs
 * is removed only after that one.
 * @returns those that fail in the end, each with its error
 */
export const inRounds = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<{ item: T; error: unknown }[]> => {
  const failed: { item: T; error: unknown }[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      failed.push({ item, error });
    }
  }
  if (failed.length === 0 || failed.length === items.length) return failed;
  return inRounds(
    failed.map(({ item }) => item),
    work,
  );
};
