import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Option } from "commander";
import type { CliCommand } from "./command.ts";
import { UsageError } from "./failure.ts";
import { type Io, readStdin } from "./io.ts";

const INDEX = /\/?registry\.json$/;
/** A scheme, `user@host:`, or a host with a dot and a path. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/|^[^/\\\s]+@[^/\\\s]+:|^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?\//i;

/**
 * A registry's address in the form of the API. A folder becomes absolute, because the server has another working
 * directory. The server detects what an address is.
 * @throws UsageError if the text is neither a folder nor an address
 */
export const parseRegistryAddress = (given: string, cwd: string): string => {
  const text = given.trim();
  if (/^https?:\/\//i.test(text)) return text;
  const folder = path.resolve(cwd, text.replace(INDEX, "") || ".");
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return folder;
  if (ADDRESS.test(text)) return text;
  throw new UsageError(
    `${text} is neither a folder nor an address.`,
    "Give a repository like https://github.com/owner/repo, a web folder, or the folder that contains registry.json.",
  );
};

export interface CredentialOptions {
  tokenFile?: string;
  tokenStdin?: boolean;
  sshKey?: string;
  user?: string;
  passwordFile?: string;
  passwordStdin?: boolean;
}

const tokenFile = new Option(
  "--token-file <file>",
  "file with a token, for a private registry over https",
).conflicts(["tokenStdin", "sshKey"]);
const tokenStdin = new Option("--token-stdin", "read the token from standard input").conflicts("sshKey");

const passwordFile = new Option(
  "--password-file <file>",
  "file with the password of a user, for https",
).conflicts(["passwordStdin", "tokenFile", "tokenStdin", "sshKey"]);
const passwordStdin = new Option(
  "--password-stdin",
  "read the password of a user from standard input",
).conflicts(["tokenFile", "tokenStdin", "sshKey"]);

/** Options for a secret. It is never an argument, because every user of the machine can read arguments. */
export const credentialOptions = (command: CliCommand): unknown =>
  command
    .addOption(tokenFile)
    .addOption(tokenStdin)
    .option("--user <name>", "user name for basic authentication, with a password")
    .addOption(passwordFile)
    .addOption(passwordStdin)
    .option("--ssh-key <file>", "private key without a passphrase, for a registry over ssh");

const readSecret = async (io: Io, file: string): Promise<string> => {
  try {
    return await readFile(path.resolve(io.cwd, file), "utf8");
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`, "Check its name and its permissions.");
  }
};

const oneWord = (text: string): string => {
  const token = text.trim();
  if (/^[\u0021-\u007e]+$/.test(token)) return token;
  throw new UsageError("The input is not a token.", "A token is one word. Check the file or the input.");
};

const oneLine = (text: string): string => {
  const password = text.replace(/\r?\n$/, "");
  if (password !== "" && !/\p{Cc}/u.test(password)) return password;
  throw new UsageError(
    "The input is not a password.",
    "A password is one line. Check the file or the input.",
  );
};

/** Reads the secret, in the form of the API. @throws UsageError */
export const credentialFrom = async (
  io: Io,
  options: CredentialOptions,
): Promise<{ token?: string; sshKey?: string; user?: string; password?: string }> => {
  const { user, passwordFile, passwordStdin } = options;
  if (passwordFile !== undefined || passwordStdin) {
    const text = passwordFile === undefined ? await readStdin(io) : await readSecret(io, passwordFile);
    return { ...(user !== undefined && { user }), password: oneLine(text) };
  }
  if (user !== undefined)
    throw new UsageError("A user needs a password.", "Give it with --password-file or --password-stdin.");
  if (options.sshKey !== undefined) return { sshKey: await readSecret(io, options.sshKey) };
  if (options.tokenFile !== undefined) return { token: oneWord(await readSecret(io, options.tokenFile)) };
  return options.tokenStdin ? { token: oneWord(await readStdin(io)) } : {};
};
