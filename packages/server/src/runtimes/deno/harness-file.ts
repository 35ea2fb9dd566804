import { existsSync } from "node:fs";
import path from "node:path";

/**
 * The built harness: beside the built program or one folder up from its chunks, or in the package's dist where the
 * sources run as they are.
 * @throws Error where it was not built
 */
export const harnessFile = (): string => {
  const found = ["harness.js", "../harness.js", "../../../dist/harness.js"]
    .map((relative) => path.join(import.meta.dirname, relative))
    .find((file) => existsSync(file));
  if (!found) throw new Error("the sandbox's harness.js is not built");
  return found;
};
