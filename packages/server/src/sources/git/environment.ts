import { devNull } from "node:os";
import { rootCertificates } from "node:tls";
import type { Credential } from "@hitagi/contract";
import { exceptions, type Network } from "../../net/http-agents.ts";
import { type GitAddress, originOf } from "./address.ts";

/** Where files are that git and ssh use, relative to the folder that they run in. */
export interface GitFiles {
  home: string;
  knownHosts: string;
  /** The private key, where the credential is one. */
  key: string | undefined;
  /** The certificates that are trusted, where they are more than the usual ones. */
  authorities: string | undefined;
}

/** User name for a token where the address has none: hosts that look at it at all want their own. */
const TOKEN_USER = "x-access-token";

/** Settings that no file of this machine can change, and that leave git nothing to run but a transport. */
const SETTINGS: readonly [string, string][] = [
  ["core.hooksPath", devNull],
  ["core.askPass", ""],
  ["credential.helper", ""],
  ["fetch.recurseSubmodules", "false"],
  ["fetch.writeCommitGraph", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["protocol.version", "2"],
  ["submodule.recurse", "false"],
  ["transfer.bundleURI", "false"],
  // Redirects are followed by rules of our own.
  ["http.followRedirects", "false"],
  // A transfer that stands still ends even if the server that began it is gone.
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "60"],
];

/** How a token is sent to a git host over https. */
export const basicOf = ({ user = TOKEN_USER }: Pick<GitAddress, "user">, token: string): string =>
  `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;

/** Settings of one address: its remote, and its token for no other host. */
const addressSettings = (
  address: GitAddress,
  credential: Credential | undefined,
): readonly [string, string][] => {
  const remote: [string, string] = ["remote.origin.url", address.url];
  if (address.transport !== "https" || credential?.kind !== "token") return [remote];
  const header = `Authorization: ${basicOf(address, credential.secret)}`;
  return [remote, [`http.${originOf(address)}/.extraHeader`, header]];
};

const asVariables = (settings: readonly (readonly [string, string])[]): Record<string, string> => ({
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([key, value], n) => [
      [`GIT_CONFIG_KEY_${n}`, key],
      [`GIT_CONFIG_VALUE_${n}`, value],
    ]),
  ),
});

/**
 * ssh asks nobody, uses no key but the registry's, and keeps the key that a host shows first (`accept-new`); another one
 * later is refused.
 */
const sshCommand = ({ knownHosts, key }: GitFiles): string =>
  [
    `ssh -F ${devNull}`,
    `-o IdentityFile=${key ?? "none"}`,
    `-o UserKnownHostsFile=${knownHosts}`,
    `-o GlobalKnownHostsFile=${devNull}`,
    "-o StrictHostKeyChecking=accept-new -o UpdateHostKeys=no",
    "-o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o PreferredAuthentications=publickey",
    "-o ClearAllForwardings=yes -o ForwardAgent=no -o PermitLocalCommand=no -o ControlMaster=no",
    "-o ConnectTimeout=20 -o ServerAliveInterval=20 -o ServerAliveCountMax=3 -o LogLevel=ERROR",
  ].join(" ");

const proxyVariables = (network: Network): Record<string, string> =>
  network.proxy ? { https_proxy: network.proxy, no_proxy: exceptions(network) } : {};

/** All certificates that are trusted, as one text: git's own setting replaces the usual ones. */
export const authoritiesText = ({ ca }: Network): string | undefined =>
  ca === undefined ? undefined : [...rootCertificates, ca].join("\n");

/**
 * The whole environment of a git that reaches one address: secrets stand here, and never in an argument, which every user
 * of the machine can read.
 * @param searchPath where git and ssh are looked for
 */
export const gitEnvironment = (
  address: GitAddress,
  credential: Credential | undefined,
  network: Network,
  files: GitFiles,
  searchPath: string,
): Record<string, string> => ({
  PATH: searchPath,
  LC_ALL: "C",
  HOME: files.home,
  XDG_CONFIG_HOME: files.home,
  GIT_DIR: ".",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: devNull,
  GIT_CONFIG_GLOBAL: devNull,
  GIT_ATTR_NOSYSTEM: "1",
  GIT_ALLOW_PROTOCOL: address.transport,
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS_REQUIRE: "never",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_SSH_COMMAND: sshCommand(files),
  GIT_SSH_VARIANT: "ssh",
  ...(files.authorities && { GIT_SSL_CAINFO: files.authorities }),
  ...proxyVariables(network),
  ...asVariables([...SETTINGS, ...addressSettings(address, credential)]),
});
