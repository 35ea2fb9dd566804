import {
  type CertifiedKeys,
  keysLines,
  publicKeyOf,
  readKeys,
  seedOfWords,
  verifyKeys,
  WordsError,
  wordsOfSeed,
} from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";
import { decryptSecret, encryptSecret, isEncrypted } from "./secret-box.ts";
import { withSubject } from "./with-subject.ts";

/** A signing key, with the certificate of the recovery key that every head repeats. */
export interface SigningKey {
  keys: CertifiedKeys;
  /** Of one of the signing keys. */
  seed: Buffer;
}

const SIGNING = "hitagi-signing-key/v1";
const RECOVERY = "hitagi-recovery-key/v1";

/** How the files of keys begin, by which they are recognised in a folder. */
export const KEY_FILES: readonly string[] = [SIGNING, RECOVERY];

const PLAIN = "plain ";
const SECRET = "secret ";

const ANOTHER_FILE = "Give the file that `hitagi registry keygen` or `recover` wrote.";

const invalid = (reason: string): KeeperError =>
  new KeeperError(`This is no file of a signing key: ${reason}.`, ANOTHER_FILE);

const body = (keys: CertifiedKeys): string => [SIGNING, ...keysLines(keys), ""].join("\n");

/**
 * The text of a signing key's file, see docs/spec-head.md.
 * @param passphrase encrypts the secret; undefined for none
 */
export const writeKeyFile = ({ keys, seed }: SigningKey, passphrase?: string): string => {
  const text = body(keys);
  const secret =
    passphrase === undefined ? `${PLAIN}${seed.toString("base64")}` : encryptSecret(seed, passphrase, text);
  return `${text}${SECRET}${secret}\n`;
};

const openSecret = async (
  secret: string,
  context: string,
  passphrase: () => Promise<string>,
): Promise<Buffer> => {
  if (secret.startsWith(PLAIN)) return Buffer.from(secret.slice(PLAIN.length), "base64");
  if (!isEncrypted(secret)) throw invalid("its secret is of another form");
  const seed = decryptSecret(secret, await passphrase(), context);
  if (seed) return seed;
  throw new KeeperError("The passphrase does not open this key.", "Try again. Capitals and spaces count.");
};

/**
 * Reads a signing key's file, and verifies its certificate.
 * @param passphrase is asked for if the secret is encrypted
 * @throws KeeperError
 */
export const readKeyFile = async (text: string, passphrase: () => Promise<string>): Promise<SigningKey> => {
  const [first, ...lines] = text.replaceAll("\r\n", "\n").trimEnd().split("\n");
  if (first !== SIGNING) throw invalid(`it does not begin with ${SIGNING}`);
  const last = lines.pop();
  if (!last?.startsWith(SECRET)) throw invalid(`its last line is not ${SECRET.trim()}`);
  const keys = withSubject("The key", ANOTHER_FILE, () => {
    const read = readKeys(lines);
    verifyKeys(read);
    return read;
  });
  const seed = await openSecret(last.slice(SECRET.length), body(keys), passphrase);
  const isNamed = seed.length === 32 && keys.signing.some(({ bytes }) => bytes.equals(publicKeyOf(seed)));
  if (!isNamed) throw invalid("its secret is not that of a signing key that it names");
  return { keys, seed };
};

/** The text of a recovery key's file. */
export const writeRecoveryFile = (origin: string, seed: Buffer): string =>
  [RECOVERY, origin, wordsOfSeed(seed), ""].join("\n");

/**
 * Reads the 24 words of a recovery key, from its file or as a person types them.
 * @throws KeeperError
 */
export const readRecovery = (text: string): Buffer => {
  const lines = text.trim().split(/\r?\n/);
  const words = lines[0] === RECOVERY ? lines.slice(2) : lines;
  try {
    return seedOfWords(words.join(" "));
  } catch (error) {
    if (!(error instanceof WordsError)) throw error;
    throw new KeeperError(
      `These are not the 24 words of a recovery key: ${error.message}.`,
      "Compare them with the paper, in their order.",
    );
  }
};
