import { HitagiError, isHitagiError } from "@hitagi/contract";

/** The part of an error that says what happened and no address: the code of Node, OpenSSL, zlib or undici. */
const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "the connection failed";
};

/**
 * What went wrong with a request, as an error of the table that the plugin may see.
 * @param totalMs the time that ended where `timeout` has aborted
 */
export const requestFault = (
  error: unknown,
  host: string,
  timeout: AbortSignal,
  totalMs: number,
  call: AbortSignal,
): HitagiError => {
  if (isHitagiError(error)) return error;
  if (call.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
  if (timeout.aborted) {
    const reason = `the request to ${host} took longer than ${totalMs / 1000} s`;
    return new HitagiError("CAPABILITY_LIMIT", { reason }, { cause: error });
  }
  return new HitagiError("REQUEST_FAILED", { host, reason: reasonOf(error) }, { cause: error });
};
