import path from "node:path";
import type { CliCommand } from "../command.ts";
import type { Printer } from "../session.ts";
import { record } from "../table.ts";

const verify = async (
  { io, print }: Printer,
  place: string,
  { fingerprint }: { fingerprint?: string },
): Promise<void> => {
  const [{ readRegistryFolder }, { verifyRegistry }] = await Promise.all([
    import("../../keeper/registry-files.ts"),
    import("../../keeper/verify.ts"),
  ]);
  const content = await readRegistryFolder(path.resolve(io.cwd, place));
  print(verifyRegistry(content, fingerprint), (found) => [
    `${place} is signed, and its index and details are those that were signed. \`hitagi registry check\` compares the plugin files.`,
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
