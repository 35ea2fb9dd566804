import { HitagiError } from "@hitagi/contract";
import { type Deadline, withDeadline } from "../async/deadline.ts";

/** Limits the time for a file. @throws HitagiError SOURCE_TIMEOUT, the signal's reason, the work's error */
export const withFileDeadline = <T>(
  file: string,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal | undefined },
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> => {
  const onTimeout = () => new HitagiError("SOURCE_TIMEOUT", { seconds: timeoutMs / 1000, path: file });
  return withDeadline({ timeoutMs, signal, onTimeout }, work);
};
