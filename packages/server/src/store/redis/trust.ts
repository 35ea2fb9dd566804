import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { HitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { type ClientCertificate, parseRedisAddress } from "./address.ts";

const invalid = (reason: string, cause?: unknown) =>
  new HitagiError("CONFIG_INVALID", { name: "HITAGI_STORE", reason }, { cause });

const read = (file: string, parameter: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw invalid(`the file that ?${parameter}= names cannot be read`, cause);
  }
};

/**
 * How a Redis that is reached over TLS is known, and how it knows us; one that is not stays as it is.
 * @param ca certificates of authorities that are trusted beside the usual ones, as PEM text
 * @throws HitagiError CONFIG_INVALID
 */
export const withTrust = (
  options: RedisOptions,
  { certificate, ca }: { certificate?: ClientCertificate | undefined; ca?: string | undefined },
): RedisOptions => {
  if (!options.tls) return options;
  const more = {
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(certificate && { cert: read(certificate.cert, "cert"), key: read(certificate.key, "key") }),
  };
  const sentinelTLS = options.sentinelTLS && { ...options.sentinelTLS, ...more };
  return { ...options, tls: { ...options.tls, ...more }, ...(sentinelTLS && { sentinelTLS }) };
};

/** How to connect to what an address names. @throws HitagiError CONFIG_INVALID */
export const optionsOf = (address: string, ca?: string): RedisOptions => {
  const parsed = parseRedisAddress(address);
  if ("fault" in parsed) throw invalid(parsed.fault);
  return withTrust(parsed.options, { certificate: parsed.certificate, ca });
};
