import { writeFile } from "node:fs/promises";
import path from "node:path";
import { exists } from "../../disk/files.ts";
import type { CliCommand } from "../command.ts";
import { type Dialogue, inDialogue } from "../dialogue.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import type { Printer } from "../session.ts";
import { givenPassphrase, passphraseOption } from "../signing-key.ts";

interface KeygenOptions {
  origin: string;
  out: string;
  recoveryOut?: string;
  passphrase?: boolean;
  passphraseFile?: string;
}

/** Attempts to type the words back. */
const ATTEMPTS = 3;
const CLEAR = "\u001b[2J\u001b[3J\u001b[H";

/** Writes a secret that only its owner can read. @throws the file system's error, also if the file exists */
export const writeSecret = (io: Io, file: string, text: string): Promise<void> =>
  writeFile(path.resolve(io.cwd, file), text, { flag: "wx", mode: 0o600, flush: true });

/** @throws UsageError if a file of a new key is there already */
export const checkNew = async (io: Io, ...files: (string | undefined)[]): Promise<void> => {
  for (const file of files)
    if (file !== undefined && (await exists(path.resolve(io.cwd, file))))
      throw new UsageError(`${file} exists already.`, "Name a new file: a key is never overwritten.");
};

/** @throws UsageError where the words of a new recovery key cannot be shown to a person alone */
const checkTerminal = (io: Io): void => {
  if (io.env.CI)
    throw new UsageError(
      "The words of a recovery key are not shown where CI is set: logs keep what is printed.",
      "Run this on your own machine, or write the words to a file with --recovery-out.",
    );
  if (!isInteractive(io))
    throw new UsageError(
      "The words of a recovery key are shown in a terminal only, where they are typed back.",
      "Write them to a file with --recovery-out.",
    );
};

/** Shows the words once, and lets the person type them back. @throws CommandFailed */
const confirmWords = async (io: Io, { ask }: Dialogue, words: string): Promise<void> => {
  const list = words.split(" ");
  const lines = [0, 6, 12, 18].map((from) =>
    list
      .slice(from, from + 6)
      .map((word, n) => `${String(from + n + 1).padStart(2)} ${word.padEnd(9)}`)
      .join(""),
  );
  io.stderr.write(
    `The recovery key. It is the registry's identity, and the only way back from a lost or stolen key.\n` +
      `Write these 24 words on paper, in this order. They are not shown again, and in no file.\n\n` +
      `${lines.map((line) => `  ${line.trimEnd()}`).join("\n")}\n\n`,
  );
  await ask("Press Enter when they are on paper.");
  io.stderr.write(CLEAR);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const typed = await ask("Type the words from the paper:");
    if (typed.trim().toLowerCase().split(/\s+/).join(" ") === words) return;
    io.stderr.write("These are other words.\n");
  }
  throw new CommandFailed(
    "No key was made: the words were not typed back.",
    "Start again with `hitagi registry keygen`.",
  );
};

/** A new passphrase, asked for twice. @throws CommandFailed */
const newPassphrase = async ({ askSecretly }: Dialogue): Promise<string> => {
  const passphrase = await askSecretly("A passphrase for the signing key:");
  if (passphrase === "") throw new CommandFailed("No key was made: the passphrase is empty.");
  if ((await askSecretly("The same again:")) === passphrase) return passphrase;
  throw new CommandFailed("No key was made: these are two passphrases.");
};

/** What of new keys is shown. */
interface MadeKeys {
  origin: string;
  fingerprint: string;
  /** Of the fingerprint. */
  words: string;
  /** The files. */
  key: string;
  recovery: string | null;
}

/**
 * Makes the keys of a registry. The words of the recovery key are shown once, and typed back, where no file gets them.
 * @throws CommandFailed, UsageError, KeeperError
 */
export const makeKeys = async (io: Io, options: KeygenOptions): Promise<MadeKeys> => {
  const { origin, out, recoveryOut, passphrase: asks } = options;
  if (recoveryOut === undefined) checkTerminal(io);
  await checkNew(io, out, recoveryOut);
  const given = await givenPassphrase(io, options);
  if (asks && given === undefined && !isInteractive(io))
    throw new UsageError("A passphrase is asked for in a terminal only.", "Give it with --passphrase-file.");
  // Loaded only here: other commands make no keys.
  const [{ checkOrigin, makeSigningKey }, { writeKeyFile, writeRecoveryFile }, trust] = await Promise.all([
    import("../../keeper/new-keys.ts"),
    import("../../keeper/key-file.ts"),
    import("@hitagi/trust"),
  ]);
  const recovery = trust.makeSeed();
  const key = makeSigningKey({ origin: checkOrigin(origin), epoch: 1 }, recovery);
  const { hex: fingerprint, words } = trust.fingerprintOf(key.keys.recovery);
  const asksPassphrase = asks && given === undefined;
  const passphrase =
    recoveryOut === undefined || asksPassphrase
      ? await inDialogue(io, async (dialogue) => {
          if (recoveryOut === undefined) await confirmWords(io, dialogue, trust.wordsOfSeed(recovery));
          return asksPassphrase ? newPassphrase(dialogue) : given;
        })
      : given;
  if (recoveryOut !== undefined) await writeSecret(io, recoveryOut, writeRecoveryFile(origin, recovery));
  await writeSecret(io, out, writeKeyFile(key, passphrase));
  return { origin, fingerprint, words, key: out, recovery: recoveryOut ?? null };
};

/** What is said of new keys. */
export const keyLines = ({ origin, fingerprint, words, key, recovery }: MadeKeys): string[] => [
  `${origin}: the signing key is in ${key}.`,
  ...(recovery === null ? [] : [`The recovery key is in ${recovery}: print it, and delete the file.`]),
  `Fingerprint: ${fingerprint}`,
  `In words: ${words}`,
  "Publish the fingerprint where owners can compare it, such as your own page.",
];

const keygen = async ({ io, print }: Printer, options: KeygenOptions): Promise<void> =>
  print(await makeKeys(io, options), keyLines);

/** `hitagi registry keygen`: the keys of a registry. */
export const registryKeygenCommand = (registry: CliCommand): void => {
  registry
    .local(
      "keygen",
      "Make the keys of a registry: a file that signs, and a recovery key of 24 words on paper. Needs no server.",
    )
    .examples(
      "hitagi registry keygen --origin example.org/plugins --out ~/registry.key",
      "hitagi registry keygen --origin example.org/a --out ./key --recovery-out ./p",
    )
    .requiredOption(
      "--origin <name>",
      "the registry's name, which never changes, such as example.org/plugins",
    )
    .requiredOption("--out <file>", "new file for the signing key, outside of the registry's folder")
    .option("--recovery-out <file>", "new file for the words, in place of showing them in the terminal")
    .option("--passphrase", "ask for a passphrase that encrypts the signing key")
    .use(passphraseOption)
    .option("--json", "print the data as JSON")
    .runLocal(keygen);
};
