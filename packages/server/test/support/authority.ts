import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto);

/** An unknown certificate authority, and its certificate for the names of this machine. */
export interface Authority {
  /** The authority's own certificate, as PEM. */
  ca: string;
  cert: string;
  key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** Two days, of which the second begins now unless it was moved by some. */
const lifetime = (days = 0) => ({
  notBefore: new Date(Date.now() + (days - 1) * DAY_MS),
  notAfter: new Date(Date.now() + (days + 1) * DAY_MS),
  signingAlgorithm: ALGORITHM,
});

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> => {
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
};

const make = async (names: string[], days: number): Promise<Authority> => {
  const generate = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const [root, leaf] = await Promise.all([generate(), generate()]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=An authority of a test",
    keys: root,
    ...lifetime(),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const cert = await x509.X509CertificateGenerator.create({
    subject: "CN=localhost",
    issuer: ca.subject,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    ...lifetime(days),
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        ...["localhost", ...names].map((value) => ({ type: "dns" as const, value })),
      ]),
    ],
  });
  return { ca: ca.toString("pem"), cert: cert.toString("pem"), key: await pemOf(leaf.privateKey) };
};

/** Makes an authority, with a certificate for 127.0.0.1, localhost and `names`. */
export const makeAuthority = (...names: string[]): Promise<Authority> => make(names, 0);

/** The same with a certificate that was valid until yesterday. */
export const makeExpired = (): Promise<Authority> => make([], -2);
