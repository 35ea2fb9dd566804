import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Network } from "../net/http-agents.ts";
import type { StoreOptions } from "../store/types.ts";
import type { Config } from "./config.ts";
import { invalidSetting } from "./values.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const readCertificates = (file: string): string => {
  let found: string[];
  try {
    found = readFileSync(file, "utf8").match(CERTIFICATE) ?? [];
    for (const pem of found) new X509Certificate(pem);
  } catch (cause) {
    const reason = "the file cannot be read, or a certificate in it is damaged";
    throw invalidSetting("HITAGI_CA_FILE", reason, cause);
  }
  if (found.length > 0) return found.join("\n");
  throw invalidSetting("HITAGI_CA_FILE", "the file holds no certificate in PEM form");
};

/** The certificates (PEM) in HITAGI_CA_FILE; undefined if it is not set. @throws HitagiError CONFIG_INVALID */
export const readAuthorities = ({ caFile = "" }: Partial<Pick<Config, "caFile">>): string | undefined =>
  caFile === "" ? undefined : readCertificates(caFile);

/** How to reach a store on a server. @throws HitagiError CONFIG_INVALID if HITAGI_CA_FILE is not usable */
export const storeConnection = (config: Config): Pick<StoreOptions, "ca" | "timeoutMs"> => ({
  ca: readAuthorities(config),
  timeoutMs: config.storeTimeout * 1000,
});

/** How to reach the hosts of registries. @throws HitagiError CONFIG_INVALID if HITAGI_CA_FILE is not usable */
export const readNetwork = (config: Config): Network => {
  const { proxy, proxyExcept } = config;
  return { ca: readAuthorities(config), proxy, proxyExcept };
};
