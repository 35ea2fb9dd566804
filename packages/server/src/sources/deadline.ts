import { HitagiError } from "@hitagi/contract";
import { type Deadline, withDeadline } from "../async/deadline.ts";

/**
 * Gives the work on a file of a source its total time.
 * @param file the name that the error gives
 * @throws HitagiError SOURCE_TIMEOUT, the reason of the caller's signal, or what the work throws
 */
export const withFileDeadline = <T>(
  file: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => {
  const onTimeout = () => new HitagiError("SOURCE_TIMEOUT", { seconds: timeoutMs / 1000, path: file });
  return withDeadline({ timeoutMs, signal, onTimeout }, work);
};
