import { devNull } from "node:os";
import { rootCertificates } from "node:tls";
import type { Credential } from "@hitagi/contract";
import { exceptions, type Network } from "../../net/http-agents.ts";
import { gitAuthorization } from "../authorization.ts";
import { type GitAddress, originOf } from "./address.ts";

/** The folders and files of git and ssh. */
export interface GitFiles {
  /** Git's folder, also its working and home folder. */
  gitDir: string;
  objects: string;
  /** Relative to the git folder: ssh cannot use a path with a space or a %. */
  knownHosts: string;
  /** The private key, where the credential is an SSH key; relative to the git folder. */
  key: string | undefined;
  /** The trusted certificates, where there are additional ones. */
  authorities: string | undefined;
}

/** Settings that override every file of this machine and let git run nothing but a transport. */
const SETTINGS: readonly [string, string][] = [
  ["core.hooksPath", devNull],
  ["core.askPass", ""],
  ["credential.helper", ""],
  // Files are unpacked through a small buffer, and packs are mapped in small parts.
  ["core.bigFileThreshold", "1m"],
  ["core.packedGitWindowSize", "16m"],
  ["core.packedGitLimit", "64m"],
  ["core.deltaBaseCacheLimit", "16m"],
  ["pack.threads", "1"],
  // A pack stays one file, whose size is watched.
  ["fetch.unpackLimit", "1"],
  ["fetch.recurseSubmodules", "false"],
  ["fetch.writeCommitGraph", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["protocol.version", "2"],
  ["submodule.recurse", "false"],
  ["transfer.bundleURI", "false"],
  // The source follows redirects by its own rules.
  ["http.followRedirects", "false"],
  // A stalled transfer ends, also where the server that started it has died.
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "60"],
];

/** The settings of one address: its remote, and its token for this host only. */
const addressSettings = (
  address: GitAddress,
  credential: Credential | undefined,
): readonly [string, string][] => {
  const remote: [string, string] = ["remote.origin.url", address.url];
  if (address.transport !== "https" || !credential || credential.kind === "ssh-key") return [remote];
  const header = `Authorization: ${gitAuthorization(address.user, credential)}`;
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

/** ssh asks nothing, uses only the registry's key, and stores a host's first key; a changed one is refused. */
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

/** All trusted certificates as one text, because git's setting replaces the defaults. */
export const authoritiesText = ({ ca }: Network): string | undefined =>
  ca === undefined ? undefined : [...rootCertificates, ca].join("\n");

/** The whole environment of git. Secrets are in it, because every user of the machine can read arguments. */
export const gitEnvironment = (
  address: GitAddress,
  credential: Credential | undefined,
  network: Network,
  files: GitFiles,
  searchPath: string,
): Record<string, string> => ({
  PATH: searchPath,
  LC_ALL: "C",
  HOME: files.gitDir,
  XDG_CONFIG_HOME: files.gitDir,
  GIT_DIR: ".",
  GIT_OBJECT_DIRECTORY: files.objects,
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
