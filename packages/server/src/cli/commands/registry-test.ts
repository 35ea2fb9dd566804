import { type FoundRegistry, Provider } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { type CredentialOptions, credentialFrom, withCredential } from "../registry-credential.ts";
import { registryAddress } from "../registry-source.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";

/** What narrows an address where it can be several things. */
export interface PlaceOptions extends CredentialOptions {
  name?: string;
  provider?: Provider;
  ref?: string;
  folder?: string;
}

/** The options of a command that takes a registry's address. */
export const withPlace = (command: Command): Command =>
  withCredential(
    command
      .addOption(
        new Option("--provider <provider>", "how it is reached; else it is found out").choices(Provider.enum),
      )
      .option("--ref <ref>", "branch, tag or commit of a repository; else what the address says, or HEAD")
      .option("--folder <folder>", "folder of registry.json in a repository; else what the address says"),
  );

/** Asks the server what an address is, with the options that narrow it, and answers the secret beside it. */
export const findRegistry = async (
  { client, io }: Session,
  source: string,
  { name, provider, ref, folder, ...options }: PlaceOptions,
  probe = true,
) => {
  const secret = await credentialFrom(io, options);
  const address = registryAddress(source, io.cwd);
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

/** The failure of a place that was tried, with the way out that this command offers. */
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
    ["Faults", found.faultCount],
    ["Moved to", found.moved],
    ["Usable", found.usable],
  ]);
  const rows = (found.faults ?? []).map(({ path, reason }) => [path, reason]);
  return rows.length > 0 ? `${known}\n\n${table(io, ["PATH", "REASON"], rows)}` : known;
};

const test = async (session: Session, source: string, options: PlaceOptions): Promise<void> => {
  const { found } = await findRegistry(session, source, options);
  session.print(found, () => describe(session.io, found));
  const failure = failureOf(found);
  if (failure) throw failure;
  if (found.usable) return;
  throw new CommandFailed(
    `Its registry.json has ${found.faultCount} ${found.faultCount === 1 ? "fault" : "faults"}.`,
    "A lenient registry leaves out bad plugins: `hitagi registry add <address> --lenient`.",
  );
};

/** `hitagi registry test`: what an address is, before anything is stored. */
export const registryTestCommand = (registry: Command, io: Io): void => {
  withPlace(
    leaf(
      registry,
      "test <source>",
      "Try an address or folder and say what is there; nothing is stored.",
      "hitagi registry test https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry test git@example.org:me/registry.git --ssh-key ./key",
    ),
  ).action(withSession(io, test));
};
