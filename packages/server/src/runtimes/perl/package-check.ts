import path from "node:path";
import { HitagiError } from "@hitagi/contract";

/** Documentation between the code (perlpod), whose package lines mean nothing. */
const POD = /^=[a-zA-Z][\s\S]*?(?:^=cut\b.*$|(?![\s\S]))/gm;

const PACKAGE = /^[ \t]*package[ \t]+([A-Za-z_]\w*(?:::\w+)*)[ \t]*[;{]/m;

const declaredPackage = (source: Buffer): string | undefined =>
  PACKAGE.exec(source.toString("latin1").replace(POD, ""))?.[1];

/** LANraragi's package for a path: `Managed/Metadata/Foo.pm` holds `LANraragi::Plugin::Managed::Metadata::Foo`. */
const packageFor = (file: string): string => {
  const { dir, name } = path.posix.parse(file);
  return ["LANraragi", "Plugin", ...dir.split("/"), name].join("::");
};

/**
 * LANraragi's static check of a managed plugin: its package must match its path. Files in Sideloaded may have any
 * package below LANraragi::Plugin.
 * @param file relative to the plugins folder, with `/`
 * @throws HitagiError PACKAGE_MISMATCH
 */
export const checkPackage = (source: Buffer, file: string): void => {
  if (!file.startsWith("Managed/")) return;
  const expected = packageFor(file);
  const actual = declaredPackage(source);
  if (actual !== expected) throw new HitagiError("PACKAGE_MISMATCH", { actual: actual ?? "none", expected });
};
