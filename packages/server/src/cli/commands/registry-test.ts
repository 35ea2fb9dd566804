import { type FoundRegistry, Provider } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import {
  type CredentialOptions,
  credentialFrom,
  credentialOptions,
  parseRegistryAddress,
} from "../registry-address.ts";
import type { Session } from "../session.ts";
import { record, table } from "../table.ts";
import { issueColumns } from "./registry-refresh.ts";

/** Options that disambiguate an address. */
export interface AddressOptions extends CredentialOptions {
  name?: string;
  provider?: Provider;
  ref?: string;
  folder?: string;
}

/** Adds the options of a command with a registry's address. */
export const addressOptions = (command: CliCommand): unknown =>
  command
    .choice("--provider <provider>", "its provider; by default detected", Provider.enum)
    .option("--ref <ref>", "branch, tag or commit; by default from the address, or HEAD")
    .option("--folder <folder>", "folder of registry.json in a repository; by default from the address")
    .use(credentialOptions);

/** Lets the server test an address. @returns the result, and the secret that was read */
export const testAddress = async (
  { client, io }: Session,
  source: string,
  { name, provider, ref, folder, ...options }: AddressOptions,
  probe = true,
) => {
  const secret = await credentialFrom(io, options);
  const address = parseRegistryAddress(source, io.cwd);
  const body = { address, probe, ...secret, name, provider, ref, folder };
  const { found } = await client.testRegistry({ body });
  return { found, secret };
};

const WAYS = {
  token: "Give a token with --token-stdin or --token-file <file>.",
  "ssh-key": "Give a private key with --ssh-key <file>.",
} as const;

/** The failure of a tested address, with a hint for this command. */
export const failureOf = ({ failure, wants }: FoundRegistry): CommandFailed | undefined => {
  if (failure === undefined) return undefined;
  const { code, error, hint } = failure;
  if (!wants) return new CommandFailed(error, hint);
  const way = WAYS[wants];
  const isUnsure = code === "SOURCE_REPOSITORY_MISSING";
  return new CommandFailed(error, isUnsure ? `Check the address. If it is private: ${way}` : way);
};

const describe = (io: Io, found: FoundRegistry): string => {
  const fields = record({
    Provider: found.provider,
    Address: found.url ?? found.path,
    Ref: found.ref,
    Folder: found.folder,
    Name: found.name,
    Plugins: found.plugins,
    Errors: found.faultCount,
    "Moved to": found.moved,
    Usable: found.usable,
  });
  const { faults = [] } = found;
  return faults.length > 0 ? `${fields}\n\n${table(io, issueColumns, faults)}` : fields;
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
export const registryTestCommand = (registry: CliCommand): void => {
  registry
    .remote("test <source>", "Test an address or folder without storing anything.")
    .examples(
      "hitagi registry test https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry test git@example.org:me/registry.git --ssh-key ./key",
    )
    .use(addressOptions)
    .runRemote(test);
};
