import { readFile } from "node:fs/promises";
import path from "node:path";
import type { SigningKey } from "../keeper/key-file.ts";
import type { CliCommand } from "./command.ts";
import { inDialogue } from "./dialogue.ts";
import { UsageError } from "./failure.ts";
import { type Io, isInteractive } from "./io.ts";

export interface SigningKeyOptions {
  key?: string;
  passphraseFile?: string;
}

export const passphraseOption = (command: CliCommand): unknown =>
  command.option(
    "--passphrase-file <file>",
    "file with the passphrase of the key (HITAGI_SIGNING_PASSPHRASE); a terminal asks for it",
  );

export const signingKeyOptions = (command: CliCommand): unknown =>
  command
    .option("--key <file>", "file of the signing key (HITAGI_SIGNING_KEY has the text of such a file)")
    .use(passphraseOption);

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0] ?? "";

/** The passphrase in a file or in the environment. */
export const givenPassphrase = async (
  io: Io,
  { passphraseFile }: Pick<SigningKeyOptions, "passphraseFile">,
): Promise<string | undefined> =>
  passphraseFile === undefined
    ? io.env.HITAGI_SIGNING_PASSPHRASE
    : firstLine(await readFile(path.resolve(io.cwd, passphraseFile), "utf8"));

const passphraseOf = async (io: Io, options: SigningKeyOptions): Promise<string> => {
  const given = await givenPassphrase(io, options);
  if (given !== undefined) return given;
  if (isInteractive(io)) return inDialogue(io, ({ askSecretly }) => askSecretly("Passphrase of the key:"));
  throw new UsageError(
    "The key has a passphrase.",
    "Give it with --passphrase-file, or in HITAGI_SIGNING_PASSPHRASE.",
  );
};

/**
 * The signing key that a command names, else the one in HITAGI_SIGNING_KEY.
 * @throws UsageError if there is none, KeeperError if it cannot be used
 */
export const signingKeyFrom = async (io: Io, options: SigningKeyOptions): Promise<SigningKey> => {
  // Loaded only here: other commands sign nothing.
  const { readKeyFile } = await import("../keeper/key-file.ts");
  const { key } = options;
  const text =
    key === undefined ? io.env.HITAGI_SIGNING_KEY : await readFile(path.resolve(io.cwd, key), "utf8");
  if (text === undefined || text === "")
    throw new UsageError(
      "There is no signing key.",
      "Name its file with --key, or put its text into HITAGI_SIGNING_KEY. `hitagi registry keygen` makes one.",
    );
  return readKeyFile(text, () => passphraseOf(io, options));
};

/** Whether a command can sign: it names a key, or the environment has one. */
export const hasSigningKey = ({ env }: Io, { key }: SigningKeyOptions): boolean =>
  key !== undefined || (env.HITAGI_SIGNING_KEY ?? "") !== "";
