/** A hash as Redis answers it in a script: names and values in turn. A map, because a name may be `__proto__`. */
export const toMap = (reply: unknown): Map<string, string> => {
  const flat = (reply ?? []) as string[];
  return new Map(
    Array.from({ length: flat.length / 2 }, (_, n) => [flat[2 * n] ?? "", flat[2 * n + 1] ?? ""]),
  );
};

/** A whole number that was written as text; the fallback for anything else. */
export const wholeNumber = (text: string | undefined, fallback: number): number =>
  text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : fallback;

/** What was written as JSON; undefined where it is missing. */
export const fromJson = <T>(text: string | null | undefined): T | undefined =>
  text === null || text === undefined || text === "" ? undefined : (JSON.parse(text) as T);
