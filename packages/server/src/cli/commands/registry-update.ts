import path from "node:path";
import type { Registry } from "@hitagi/contract";
import { Option } from "commander";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { chooseRegistry } from "../lookup.ts";
import { type CredentialOptions, credentialFrom, credentialOptions } from "../registry-address.ts";
import type { Session } from "../session.ts";
import { sayUndo } from "../undo.ts";

interface UpdateOptions extends CredentialOptions {
  name?: string;
  url?: string;
  ref?: string;
  path?: string;
  /** False to remove it. */
  folder?: string | false;
  /** False to remove the credential. */
  credential: boolean;
  lenient?: boolean;
  strict?: boolean;
  generateIndex?: boolean;
  yes?: boolean;
}

/** The names of the options that change the registry. */
const changesOf = ({
  name,
  url,
  ref,
  path,
  folder,
  lenient,
  strict,
  generateIndex,
  yes: _,
  ...secret
}: UpdateOptions): string[] => {
  const { tokenFile, tokenStdin, sshKey, user, passwordFile, passwordStdin, credential } = secret;
  const removed = credential ? undefined : true;
  const place = { name, url, ref, path, folder, lenient, strict, generateIndex };
  const given = { tokenFile, tokenStdin, sshKey, user, passwordFile, passwordStdin };
  const changes = { ...place, ...given, removed };
  return Object.entries(changes).flatMap(([change, value]) => (value === undefined ? [] : [change]));
};

/** The new secret; a null token removes the old one. */
const secretOf = async (io: Io, options: UpdateOptions) =>
  options.credential ? credentialFrom(io, options) : { token: null };

const originOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).origin : url;

/** Asks before a stored credential is lost: it is not shown, so that nothing brings it back. */
const agree = async (
  { io }: Session,
  { name, credential: stored, url }: Registry,
  options: UpdateOptions,
): Promise<void> => {
  if (stored === undefined) return;
  const { tokenFile, tokenStdin, sshKey, passwordFile, passwordStdin } = options;
  const given = [tokenFile, tokenStdin, sshKey, passwordFile, passwordStdin];
  const isGiven = given.some((one) => one !== undefined);
  const isMoved = options.url !== undefined && originOf(options.url) !== originOf(url);
  if (options.credential && !isGiven && !isMoved) return;
  const why = isMoved && !isGiven ? ", because it belongs to another host" : "";
  const what = `The stored credential of ${name} (${stored}) is lost with this change${why}.`;
  await confirm(io, { what, ask: "Change it?", does: "change it" }, options);
};

/** The options that put back what was changed, except a credential. */
const undoOf = (before: Registry, options: UpdateOptions): string[] => {
  const { name, url, ref, path: place, folder, lenient, strict, generateIndex } = options;
  const texts = { name, url, ref, path: place };
  const changed = (Object.keys(texts) as (keyof typeof texts)[]).flatMap((key) => {
    const was = before[key];
    return texts[key] === undefined || was === undefined ? [] : [`--${key}`, was];
  });
  return [
    ...changed,
    ...(folder === undefined ? [] : before.folder ? ["--folder", before.folder] : ["--no-folder"]),
    ...(lenient || strict ? [before.lenient ? "--lenient" : "--strict"] : []),
    ...(generateIndex === undefined ? [] : [`--${before.generateIndex ? "" : "no-"}generate-index`]),
  ];
};

const update = async (session: Session, registryName: string, options: UpdateOptions): Promise<void> => {
  const { name, url, ref, folder, lenient, strict, generateIndex } = options;
  const changes = changesOf(options);
  if (changes.length === 0) {
    throw new UsageError(
      "There is nothing to change.",
      "Use --name, --url, --ref, --folder, --path, --lenient, --strict, --generate-index, or a credential; see --help.",
    );
  }
  const { client, io } = session;
  const before = await chooseRegistry(client, registryName);
  const { id, provider } = before;
  await agree(session, before, options);
  // The server has another working directory, so a path must be absolute.
  const folderPath =
    options.path !== undefined && provider === "local" ? path.resolve(io.cwd, options.path) : options.path;
  await client.updateRegistry({
    params: { id },
    body: {
      ...{ name, url, ref, path: folderPath },
      folder: folder === undefined ? undefined : folder || null,
      lenient: lenient || strict ? lenient === true : undefined,
      generateIndex,
      ...(await secretOf(io, options)),
    },
  });
  const { registry } = await client.getRegistry({ params: { id } });
  if (before.credential && !registry.credential && options.credential) {
    session.say(
      "Its credential belonged to another host and was removed. Add one for the new host with --token-stdin or --ssh-key.",
    );
  }
  session.print(registry, (r) =>
    changes.every((change) => change === "name")
      ? `Registry ${r.id} is now named ${r.name}.`
      : `Changed registry ${r.id} (${r.name}). Refresh it with \`hitagi registry refresh ${r.id}\` to apply the change.`,
  );
  const undo = undoOf(before, options);
  if (undo.length > 0) sayUndo(session.say, ["registry", "update", id, ...undo]);
};

/** `hitagi registry update`: changes the name, the address or the strictness of a registry. */
export const registryUpdateCommand = (registry: CliCommand): void => {
  registry
    .remote("update <registry>", "Change a registry. A new address or folder deletes its cached index.")
    .examples(
      "hitagi registry update Example --lenient",
      "hitagi registry update REG_1700000000 --url https://example.org/new-place",
      "hitagi registry update Example --token-stdin < ./token",
    )
    .use(credentialOptions)
    .option("--name <name>", "its new name")
    .option("--url <address>", "its new address")
    .option("--ref <ref>", "its new branch, tag or commit")
    .option("--folder <folder>", "the new folder of registry.json in its repository")
    .option("--no-folder", "registry.json is at the root of its repository")
    .option("--path <folder>", "its new folder on the server's machine")
    .option("--no-credential", "remove its token or ssh key")
    .addOption(new Option("--lenient", "skip invalid plugins and versions of its index").conflicts("strict"))
    .option("--strict", "refuse its index if one entry is invalid, which is the default")
    .option("--generate-index", "generate its index from its plugin files")
    .option("--no-generate-index", "read its index from registry.json, which is the default")
    .option("-y, --yes", "do not ask before a stored credential is lost")
    .runRemote(update);
};
