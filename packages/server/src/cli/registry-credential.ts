import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "./failure.ts";
import { type Io, readStdin } from "./io.ts";

export interface CredentialOptions {
  tokenFile?: string;
  tokenStdin?: boolean;
  sshKey?: string;
}

/** Options for a secret. It is never an argument, because every user of the machine can read arguments. */
export const withCredential = (command: Command): Command =>
  command
    .addOption(
      new Option("--token-file <file>", "file with a token, for a private registry over https").conflicts([
        "tokenStdin",
        "sshKey",
      ]),
    )
    .addOption(new Option("--token-stdin", "read the token from standard input").conflicts("sshKey"))
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

/** Reads the secret, in the form of the API. @throws UsageError */
export const credentialFrom = async (
  io: Io,
  { tokenFile, tokenStdin, sshKey }: CredentialOptions,
): Promise<{ token?: string; sshKey?: string }> => {
  if (sshKey !== undefined) return { sshKey: await readSecret(io, sshKey) };
  if (tokenFile !== undefined) return { token: oneWord(await readSecret(io, tokenFile)) };
  return tokenStdin ? { token: oneWord(await readStdin(io)) } : {};
};
