import path from "node:path";
import type { CliCommand } from "../command.ts";
import type { Printer } from "../session.ts";
import { record } from "../table.ts";

const verify = async (
  { io, print }: Printer,
  place: string,
  { fingerprint }: { fingerprint?: string },
): Promise<void> => {
  const [{ readRegistryFolder }, { verifyFiles, verifyRegistry }] = await Promise.all([
    import("../../keeper/registry-files.ts"),
    import("../../keeper/verify.ts"),
  ]);
  const folder = path.resolve(io.cwd, place);
  const content = await readRegistryFolder(folder);
  const verified = verifyRegistry(content, fingerprint);
  const { files, missing } = await verifyFiles(folder, content);
  print({ ...verified, files, missing }, (found) => [
    missing.length === 0
      ? `${place} is signed, and its files are those that were signed.`
      : `${place} is signed. ${missing.length} of its ${files} plugin files are not here; the others are those that were signed.`,
    ...record({
      Origin: found.origin,
      Fingerprint: found.fingerprint,
      "In words": found.words,
      Epoch: found.epoch,
      Head: found.sequence,
      Signed: found.time,
      ...(found.renew && { "Next by": found.renew }),
      ...(found.movedTo && { "Moved to": found.movedTo }),
    }),
  ]);
};

/** `hitagi registry verify`: whether a folder is what its keeper signed. */
export const registryVerifyCommand = (registry: CliCommand): void => {
  registry
    .local("verify <folder>", "Verify that a registry's folder is what its keeper signed. Needs no server.")
    .examples("hitagi registry verify ./my-registry")
    .option("--fingerprint <fingerprint>", "that its recovery key must have: 64 hex digits, or 12 words")
    .option("--json", "print the data as JSON")
    .runLocal(verify);
};
