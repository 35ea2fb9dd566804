import { type FoundRegistry, Provider } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { serverCommand } from "../define-command.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { parseRegistryAddress } from "../registry-address.ts";
import { type CredentialOptions, credentialFrom, withCredential } from "../registry-credential.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";

/** Options that disambiguate an address. */
export interface AddressOptions extends CredentialOptions {
  name?: string;
  provider?: Provider;
  ref?: string;
  folder?: string;
}

/** Adds the options of a command with a registry's address. */
export const withAddressOptions = (command: Command): Command =>
  withCredential(
    command
      .addOption(
        new Option("--provider <provider>", "its provider; by default detected").choices(Provider.enum),
      )
      .option("--ref <ref>", "branch, tag or commit; by default from the address, or HEAD")
      .option("--folder <folder>", "folder of registry.json in a repository; by default from the address"),
  );

/** Lets the server test an address. @returns the result, and the secret that was read */
export const testAddress = async (
  { client, io }: Session,
  source: string,
  { name, provider, ref, folder, ...options }: AddressOptions,
  probe = true,
) => {
  const secret = await credentialFrom(io, options);
  const address = parseRegistryAddress(source, io.cwd);
  const { found } = await client.testRegistry({
    body: {
      address,
      probe,
      ...secret,
      ...(name !== undefined && { name }),
      ...(provider !== undefined && { provider }),
      ...(ref !== undefined && { ref }),
      ...(folder !== undefined && { folder }),
    },
  });
  return { found, secret };
};

const WAYS = {
  token: "Give a token with --token-stdin or --token-file <file>.",
  "ssh-key": "Give a private key with --ssh-key <file>.",
} as const;

/** The failure of a tested address, with a hint for this command. */
export const failureOf = ({ failure, wants }: FoundRegistry): CommandFailed | undefined => {
  if (failure === undefined) return undefined;
  const hint = wants && failure.code !== "SOURCE_REPOSITORY_MISSING" ? WAYS[wants] : failure.hint;
  const both = wants && failure.code === "SOURCE_REPOSITORY_MISSING";
  return new CommandFailed(
    failure.error,
    both ? `Check the address. If it is private: ${WAYS[wants]}` : hint,
  );
};

const describe = (io: Io, found: FoundRegistry): string => {
  const known = record([
    ["Provider", found.provider],
    ["Address", found.url ?? found.path],
    ["Ref", found.ref],
    ["Folder", found.folder],
    ["Name", found.name],
    ["Plugins", found.plugins],
    ["Errors", found.faultCount],
    ["Moved to", found.moved],
    ["Usable", found.usable],
  ]);
  const rows = (found.faults ?? []).map(({ path, reason }) => [path, reason]);
  return rows.length > 0 ? `${known}\n\n${table(io, ["PATH", "REASON"], rows)}` : known;
};

const test = async (session: Session, source: string, options: AddressOptions): Promise<void> => {
  const { found } = await testAddress(session, source, options);
  session.print(found, () => describe(session.io, found));
  const failure = failureOf(found);
  if (failure) throw failure;
  if (found.usable) return;
  throw new CommandFailed(
    `Its registry.json has ${found.faultCount} ${found.faultCount === 1 ? "error" : "errors"}.`,
    "A lenient registry skips invalid plugins: `hitagi registry add <address> --lenient`.",
  );
};

/** `hitagi registry test`: tests an address without storing anything. */
export const registryTestCommand = (registry: Command, io: Io): void => {
  withAddressOptions(
    serverCommand(
      registry,
      "test <source>",
      "Test an address or folder without storing anything.",
      "hitagi registry test https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry test git@example.org:me/registry.git --ssh-key ./key",
    ),
  ).action(withSession(io, test));
};
