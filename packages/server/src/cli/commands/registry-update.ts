import path from "node:path";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { chooseRegistry } from "../registry-choice.ts";
import { type CredentialOptions, credentialFrom, withCredential } from "../registry-credential.ts";
import { type Session, withSession } from "../session.ts";

interface UpdateOptions extends CredentialOptions {
  name?: string;
  url?: string;
  ref?: string;
  path?: string;
  /** False where there is to be none. */
  folder?: string | false;
  /** False where its credential is to be removed. */
  credential: boolean;
  lenient?: boolean;
  strict?: boolean;
}

const CHANGES = [
  "name",
  "url",
  "ref",
  "path",
  "folder",
  "lenient",
  "strict",
  "tokenFile",
  "tokenStdin",
  "sshKey",
] as const;

const changesOf = (options: UpdateOptions): string[] => [
  ...CHANGES.filter((change) => options[change] !== undefined),
  ...(options.credential ? [] : ["credential"]),
];

/** The secret that is given anew, or null for none where the old one is to go. */
const secretOf = async (io: Io, options: UpdateOptions) =>
  options.credential ? credentialFrom(io, options) : { token: null };

const update = async (session: Session, given: string, options: UpdateOptions): Promise<void> => {
  const { name, url, ref, folder, lenient, strict } = options;
  const changes = changesOf(options);
  if (changes.length === 0) {
    throw new UsageError(
      "There is nothing to change.",
      "Give --name, --url, --ref, --folder, --path, --lenient, --strict, or a credential; see --help.",
    );
  }
  const { client, io } = session;
  const { id, provider, credential: before } = await chooseRegistry(client, given);
  // The server takes no path that is relative to a folder that only this command knows.
  const place =
    options.path !== undefined && provider === "local" ? path.resolve(io.cwd, options.path) : options.path;
  await client.updateRegistry({
    params: { id },
    body: {
      ...(name !== undefined && { name }),
      ...(url !== undefined && { url }),
      ...(ref !== undefined && { ref }),
      ...(folder !== undefined && { folder: folder || null }),
      ...(place !== undefined && { path: place }),
      ...((lenient || strict) && { lenient: lenient === true }),
      ...(await secretOf(io, options)),
    },
  });
  const { registry } = await client.getRegistry({ params: { id } });
  if (before && !registry.credential && options.credential) {
    session.say(
      "Its credential was for another host and was removed; give the new host's with --token-stdin or --ssh-key.",
    );
  }
  session.print(registry, (r) =>
    changes.every((change) => change === "name")
      ? `Registry ${r.id} is called ${r.name} now.`
      : `Changed registry ${r.id} (${r.name}). Refresh it with \`hitagi registry refresh ${r.id}\` for this to take effect.`,
  );
};

/** `hitagi registry update`: changes what a registry is called, where it is, or how strictly it is read. */
export const registryUpdateCommand = (registry: Command, io: Io): void => {
  withCredential(
    leaf(
      registry,
      "update <registry>",
      "Change a registry; another address or folder drops its cached index.",
      "hitagi registry update Example --lenient",
      "hitagi registry update REG_1700000000 --url https://example.org/new-place",
      "hitagi registry update Example --token-stdin < ./token",
    ),
  )
    .option("--name <name>", "what to call it")
    .option("--url <address>", "its new address")
    .option("--ref <ref>", "its new branch, tag or commit")
    .option("--folder <folder>", "the new folder of registry.json in its repository")
    .option("--no-folder", "registry.json is at the root of its repository")
    .option("--path <folder>", "its new folder on the server's machine")
    .option("--no-credential", "remove its token or ssh key")
    .addOption(new Option("--lenient", "skip bad plugins and versions of its index").conflicts("strict"))
    .option("--strict", "refuse its index where one entry is bad, which is the default")
    .action(withSession(io, update));
};
