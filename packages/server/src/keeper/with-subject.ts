import { TrustError } from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";

/**
 * Does something with a signed text, and says which one is refused.
 * @param what the subject of a sentence, such as `registry.head`
 * @throws KeeperError with the code of the refusal
 */
export const withSubject = <T>(what: string, hint: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw new KeeperError(`${what} is refused: ${error.message}.`, hint, error.code);
  }
};
