import { writeFile } from "node:fs/promises";
import { readIfThere } from "../../disk/files.ts";

/** Where systems keep the certificates of trusted authorities in one file. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Where the certificates are inside the confinement: the file that OpenSSL reads on Debian. */
export const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Writes the certificates of this system's trusted authorities to a file, and nothing else of their folder: it may hold
 * private keys, and so may the file itself. The copy is empty if the system has none.
 */
export const copyCertificates = async (file: string, bundles = systemBundles): Promise<void> => {
  const found = await Promise.all(bundles.map((bundle) => readIfThere(bundle).catch(() => undefined)));
  const text = found.find((bytes) => bytes !== undefined)?.toString("latin1") ?? "";
  await writeFile(file, (text.match(CERTIFICATE) ?? []).map((block) => `${block}\n`).join(""));
};
