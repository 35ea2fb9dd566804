import { access } from "node:fs/promises";

/**
 * Fails where a file that a runtime needs cannot be used.
 * @param mode of `fs.constants`
 * @throws Error of this reason, which does not say where the file lies, as the words may reach a client
 */
export const mustBe = (file: string, mode: number, reason: string): Promise<void> =>
  access(file, mode).catch((cause: unknown) => {
    throw new Error(reason, { cause });
  });
