import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "./failure.ts";
import type { Io } from "./io.ts";

export interface CredentialOptions {
  tokenFile?: string;
  tokenStdin?: boolean;
  sshKey?: string;
}

/** Options by which a secret is given: never as an argument, which every user of the machine can read. */
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
    throw new UsageError(`The file ${file} cannot be read.`, "Check its name and its rights.");
  }
};

const readInput = async ({ stdin }: Io): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
};

const oneWord = (text: string): string => {
  const token = text.trim();
  if (/^[\u0021-\u007e]+$/.test(token)) return token;
  throw new UsageError("What was given is no token.", "A token is one word; check the file or the input.");
};

/** The secret that the options lead to, as the API takes it. @throws UsageError */
export const credentialFrom = async (
  io: Io,
  { tokenFile, tokenStdin, sshKey }: CredentialOptions,
): Promise<{ token?: string; sshKey?: string }> => {
  if (sshKey !== undefined) return { sshKey: await readSecret(io, sshKey) };
  if (tokenFile !== undefined) return { token: oneWord(await readSecret(io, tokenFile)) };
  return tokenStdin ? { token: oneWord(await readInput(io)) } : {};
};
