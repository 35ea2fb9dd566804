import path from "node:path";
import { HitagiError } from "@hitagi/contract";

/** Documentation in between the code, in which a package line means nothing (perlpod). */
const POD = /^=[a-zA-Z][\s\S]*?(?:^=cut\b.*$|(?![\s\S]))/gm;

const PACKAGE = /^[ \t]*package[ \t]+([A-Za-z_]\w*(?:::\w+)*)[ \t]*[;{]/m;

/** The package that a file declares first, by its text alone; undefined where it declares none. */
const declaredPackage = (source: Buffer): string | undefined =>
  PACKAGE.exec(source.toString("latin1").replace(POD, ""))?.[1];

/** LANraragi's package for a place: `Managed/Metadata/Foo.pm` holds `LANraragi::Plugin::Managed::Metadata::Foo`. */
const packageFor = (place: string): string => {
  const { dir, name } = path.posix.parse(place);
  return ["LANraragi", "Plugin", ...dir.split("/"), name].join("::");
};

/**
 * LANraragi's static check of a managed plugin: its package is as its path implies. What was put into Sideloaded by hand
 * may have any package below LANraragi::Plugin.
 * @param place relative to the plugins folder, with `/`
 * @throws HitagiError PACKAGE_MISMATCH
 */
export const checkPackage = (source: Buffer, place: string): void => {
  if (!place.startsWith("Managed/")) return;
  const expected = packageFor(place);
  const actual = declaredPackage(source);
  if (actual !== expected) throw new HitagiError("PACKAGE_MISMATCH", { actual: actual ?? "none", expected });
};
