import { HitagiError } from "@hitagi/contract";
import { codeOf } from "../disk/errno.ts";
import { PassingFault } from "./http-retry.ts";

/** The codes of Node and undici, in words. */
const REASONS: Record<string, string> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "the host name is not known",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no network",
  ETIMEDOUT: "the connection took too long",
  UND_ERR_CONNECT_TIMEOUT: "the connection took too long",
  ECONNRESET: "the connection was cut off",
  EPIPE: "the connection was cut off",
  UND_ERR_SOCKET: "the connection was cut off",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was cut off",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "it sent less than it announced",
  Z_DATA_ERROR: "it sent a damaged compressed file",
  Z_BUF_ERROR: "it sent a damaged compressed file",
  UND_ERR_HEADERS_OVERFLOW: "it sent too many headers",
};

/** The codes of OpenSSL, and of Node's check of the host name, for a bad certificate. */
const CERTIFICATE: Record<string, string> = {
  SELF_SIGNED_CERT_IN_CHAIN: "an unknown authority signed its certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it signed its certificate itself",
  UNABLE_TO_GET_ISSUER_CERT: "an unknown authority signed its certificate",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "an unknown authority signed its certificate",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "an unknown authority signed its certificate",
  CERT_UNTRUSTED: "an unknown authority signed its certificate",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet; look at this machine's clock",
  CERT_SIGNATURE_FAILURE: "its certificate has a wrong signature",
  CERT_REVOKED: "its certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

/** Temporary failures, worth another attempt. */
const PASSING = new Set([
  "EAI_AGAIN",
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "ECONNRESET",
  "EPIPE",
  "UND_ERR_SOCKET",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** Why a certificate is not trusted; undefined for codes about something else. */
export const certificateReason = (code: string): string | undefined => CERTIFICATE[code];

/** Why a connection failed, without any address. */
export const networkReason = (cause: unknown): string => {
  const code = codeOf(cause) ?? "";
  const reason = CERTIFICATE[code] ?? REASONS[code];
  return reason ?? (code === "" ? "it gave no usable answer" : `it gave no usable answer (${code})`);
};

/**
 * The error for a failed connection. The original message may name addresses, so it is kept as the cause only.
 * @returns SOURCE_CERTIFICATE or SOURCE_UNREACHABLE, wrapped in a PassingFault where it is worth another attempt
 */
export const networkFault = (cause: unknown): HitagiError | PassingFault => {
  const code = codeOf(cause) ?? "";
  const distrust = CERTIFICATE[code];
  if (distrust !== undefined) return new HitagiError("SOURCE_CERTIFICATE", { reason: distrust }, { cause });
  const error = new HitagiError("SOURCE_UNREACHABLE", { reason: networkReason(cause) }, { cause });
  return PASSING.has(code) ? new PassingFault(error) : error;
};
