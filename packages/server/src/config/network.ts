import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { HitagiError } from "@hitagi/contract";
import type { Network } from "../net/http-agents.ts";
import type { ForgeBases } from "../sources/forge-table.ts";
import { type Config, settingsTable } from "./config.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const invalid = (reason: string, cause?: unknown) =>
  new HitagiError("CONFIG_INVALID", { name: settingsTable.caFile.env, reason }, { cause });

const readCertificates = (file: string): string => {
  let found: string[];
  try {
    found = readFileSync(file, "utf8").match(CERTIFICATE) ?? [];
    for (const pem of found) new X509Certificate(pem);
  } catch (cause) {
    throw invalid("the file cannot be read, or a certificate in it is damaged", cause);
  }
  if (found.length === 0) throw invalid("the file holds no certificate in PEM form");
  return found.join("\n");
};

/** The certificates that HITAGI_CA_FILE names; undefined where it names none. @throws HitagiError CONFIG_INVALID */
export const readAuthorities = ({ caFile = "" }: Partial<Pick<Config, "caFile">>): string | undefined =>
  caFile === "" ? undefined : readCertificates(caFile);

/** How registries' hosts are reached. @throws HitagiError CONFIG_INVALID where HITAGI_CA_FILE cannot be used */
export const readNetwork = (config: Config): Network => {
  const { proxy, proxyExcept } = config;
  return { ca: readAuthorities(config), proxy, proxyExcept };
};

/** Where the forges are. */
export const forgeBases = (config: Config): ForgeBases => ({
  github: config.githubUrl,
  githubRaw: config.githubRawUrl,
  gitlab: config.gitlabUrl,
  gitea: config.giteaUrl,
});
