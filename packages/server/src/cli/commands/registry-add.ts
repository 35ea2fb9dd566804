import { statSync } from "node:fs";
import path from "node:path";
import {
  type Client,
  type FoundRegistry,
  Provider,
  type RefreshOutcome,
  type Registry,
} from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { askYesNo, confirm } from "../confirm.ts";
import { CommandFailed, failureText, UsageError } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import {
  type CredentialOptions,
  credentialFrom,
  credentialOptions,
  parseRegistryAddress,
} from "../registry-address.ts";
import type { Lines } from "../safe-text.ts";
import { openSession, type Printer, type Session, type SessionOptions } from "../session.ts";
import { record } from "../table.ts";
import { addPluginFiles } from "./registry-add-files.ts";
import { faultTable, skippedLines } from "./registry-refresh.ts";
import { trustLines } from "./registry-trust.ts";

/** Options that disambiguate an address. */
interface AddressOptions extends CredentialOptions {
  name?: string;
  provider?: Provider;
  ref?: string;
  folder?: string;
  generateIndex?: boolean;
}

/** Adds the options of a command with a registry's address. */
const addressOptions = (command: CliCommand): unknown =>
  command
    .choice("--provider <provider>", "its provider; by default detected", Provider.enum)
    .option("--ref <ref>", "branch, tag or commit; by default from the address, or HEAD")
    .option("--folder <folder>", "folder of registry.json in a repository; by default from the address")
    .option("--generate-index", "for one without registry.json: generate the index from its plugin files")
    .use(credentialOptions);

/** Lets the server test an address. @returns the result, and the secret that was read */
const testAddress = async (
  { client, io }: Session,
  source: string,
  { name, provider, ref, folder, generateIndex, ...options }: AddressOptions,
  probe = true,
) => {
  const secret = await credentialFrom(io, options);
  const address = parseRegistryAddress(source, io.cwd);
  const body = { address, probe, ...secret, name, provider, ref, folder, generateIndex };
  const { found } = await client.testRegistry({ body });
  return { found, secret };
};

const WAYS = {
  token:
    "Give a token with --token-stdin or --token-file <file>, or a password with --user <name> and --password-stdin.",
  password: "Give a password with --user <name> and --password-stdin or --password-file <file>.",
  "ssh-key": "Give a private key with --ssh-key <file>.",
} as const;

/** Whether an address without registry.json has plugin files, and the command did not ask for an index of them. */
const isOffered = ({ generateIndex, failure }: FoundRegistry): boolean =>
  generateIndex === true && failure !== undefined;

const offerText = ({ name, files }: FoundRegistry): string =>
  `${name} has no registry.json, but ${files === 1 ? "1 file that may be a plugin" : `${files} files that may be plugins`}.`;

/** The failure of a tested address, with a hint for this command. */
const failureOf = (
  found: FoundRegistry,
  source: string,
  { ref, folder, generateIndex }: AddressOptions,
): CommandFailed | undefined => {
  const { failure, wants } = found;
  if (generateIndex && !failure && !found.usable && found.tried.length > 0)
    return new CommandFailed(
      `${found.name} has no files that may be plugins.`,
      "Name the folder that they are in: --folder <folder>.",
    );
  if (failure === undefined) return undefined;
  if (isOffered(found) && !generateIndex) {
    const options = `${ref ? ` --ref ${ref}` : ""}${folder ? ` --folder ${folder}` : ""}`;
    return new CommandFailed(
      offerText(found),
      `To load each of them in the sandbox and generate the index: \`hitagi registry add ${source}${options} --generate-index\`.`,
    );
  }
  const { code, error: message, hint } = failure;
  const error = failureText({ message, code });
  if (!wants) return new CommandFailed(error, hint);
  const way = WAYS[wants];
  const isUnsure = code === "SOURCE_REPOSITORY_MISSING";
  return new CommandFailed(error, isUnsure ? `Check the address. If it is private: ${way}` : way);
};

const describe = (io: Io, found: FoundRegistry): Lines => {
  const fields = record({
    Provider: found.provider,
    Address: found.url ?? found.path,
    Ref: found.ref,
    Folder: found.folder,
    Name: found.name,
    Plugins: found.plugins,
    Errors: found.faultCount,
    "Plugin files": found.files,
    "Moved to": found.moved,
    "Signed as": found.identity?.origin,
    Fingerprint: found.identity?.fingerprint,
    "In words": found.identity?.words,
    Usable: found.usable,
  });
  const { faults = [] } = found;
  return faults.length > 0 ? [fields, "", faultTable(io, faults)] : fields;
};

const test = async (session: Session, source: string, options: AddressOptions): Promise<void> => {
  const { found } = await testAddress(session, source, options);
  session.print(found, () => describe(session.io, found));
  const failure = failureOf(found, source, options);
  if (failure) throw failure;
  if (found.usable) return;
  throw new CommandFailed(
    `Its registry.json has ${found.faultCount} ${found.faultCount === 1 ? "error" : "errors"}.`,
    "A lenient registry skips invalid plugins: `hitagi registry add <address> --lenient`.",
  );
};

interface AddOptions extends AddressOptions {
  fingerprint?: string;
  lenient?: boolean;
  default?: boolean;
  refresh: boolean;
  yes?: boolean;
}

type Place = Pick<Registry, "url" | "ref" | "path" | "folder">;

/** A registry's address on one line. */
export const addressText = ({ url, ref, folder, path }: Place): string =>
  [url, ref, folder, path].filter(Boolean).join(" ");

/** Refuses an address that exists: it would offer every plugin twice. @throws CommandFailed */
const checkNew = async (client: Client, fields: Place & Pick<Registry, "provider">): Promise<void> => {
  const { registries } = await client.listRegistries({});
  const same = registries.find(
    (r) => r.provider === fields.provider && addressText(r) === addressText(fields),
  );
  if (!same) return;
  throw new CommandFailed(
    `This registry already exists as ${same.id} (${same.name}).`,
    `Fetch its index again with \`hitagi registry refresh ${same.id}\`.`,
  );
};

/** Says which orphaned plugins this registry offers with the same bytes: a reinstall connects them to it. */
const noteOrphans = async (session: Session, id: string): Promise<void> => {
  const { client } = session;
  const [{ registries }, { plugins }] = await Promise.all([
    client.listRegistries({}),
    client.listInstalled({}),
  ]);
  const existing = new Set(registries.map((r) => r.id));
  for (const { namespace, version, registry, sha256 } of plugins) {
    if (registry === null || existing.has(registry)) continue;
    const { offers } = await client.getAvailable({ params: { namespace } }).catch(() => ({ offers: [] }));
    const versions = offers.find((offer) => offer.registry === id)?.versions ?? [];
    if (!versions.some((v) => v.version === version && v.sha256 === sha256)) continue;
    session.say(
      `It offers the installed ${namespace} ${version}, whose registry was removed. ` +
        `To get updates from here: \`hitagi install ${namespace} --version ${version} --registry ${id}\`.`,
    );
  }
};

const addedLines = (io: Io, registry: Registry, refresh: RefreshOutcome | undefined): Lines => {
  const { id, plugins } = registry;
  if (refresh === undefined) return `Refresh it with \`hitagi registry refresh ${id}\` to see its plugins.`;
  if (refresh.error !== undefined) return "It offers no plugins yet.";
  return [
    ...trustLines(registry.trust),
    `${plugins === 1 ? "1 plugin" : `${plugins} plugins`}; see ${plugins === 1 ? "it" : "them"} with \`hitagi search --registry ${id}\`.`,
    ...skippedLines(io, registry),
  ];
};

/**
 * Adds a registry. An address without a registry is refused, because it is probably mistyped. A registry with an invalid
 * index is added: the owner can make it lenient, or wait for its keeper.
 */
const add = async (session: Session, source: string, options: AddOptions): Promise<void> => {
  const { client, io } = session;
  const { found, secret } = await testAddress(session, source, options, options.refresh);
  const isAccepted =
    isOffered(found) &&
    !options.generateIndex &&
    isInteractive(io) &&
    (await askYesNo(io, `${offerText(found)} Load each in the sandbox, and generate the index from them?`));
  const failure = isAccepted ? undefined : failureOf(found, source, options);
  if (failure) {
    session.say(`${found.name} was not added. Use --no-refresh to add it without a fetch.`);
    throw failure;
  }
  for (const { message } of found.warnings ?? [])
    await confirm(io, { what: message, ask: "Add it?", does: "add it" }, options);
  const { name, provider, url, ref, path, folder, generateIndex, key = options.fingerprint } = found;
  const place = { provider, url, ref, path, folder };
  await checkNew(client, place);
  const { id, refresh } = await client.createRegistry({
    body: {
      name,
      ...place,
      lenient: options.lenient,
      generateIndex,
      key,
      refresh: options.refresh,
      ...secret,
    },
  });
  session.say(`Added registry ${id} (${name}), a ${provider} registry.`);
  if (options.default) await client.setDefaultRegistry({ params: { id } });
  const { registry } = await client.getRegistry({ params: { id } });
  session.print(registry, (r) => addedLines(io, r, refresh));
  if (refresh?.error !== undefined)
    throw new CommandFailed(
      `${name} was added, but its index cannot be used: ${failureText({ message: refresh.error, code: refresh.code })}`,
      refresh.hint,
    );
  if (options.refresh) await noteOrphans(session, id);
};

/** Whether the arguments are plugin files, which are put into a registry's folder. */
const arePluginFiles = async ({ io }: Printer, places: readonly string[]): Promise<boolean> => {
  const { isPluginName } = await import("../../keeper/build/add-files.ts");
  const isFile = (place: string) =>
    isPluginName(place) &&
    statSync(path.resolve(io.cwd, place), { throwIfNoEntry: false })?.isFile() === true;
  return places.every(isFile);
};

/** Puts plugin files into a registry's folder, or adds a registry to the server. */
const addAny = async (
  printer: Printer,
  places: string[],
  options: AddOptions & SessionOptions & { dir?: string },
): Promise<void> => {
  const { dir, ...rest } = options;
  if (await arePluginFiles(printer, places)) return addPluginFiles(printer, places, { dir, yes: rest.yes });
  const [source, ...more] = places;
  if (source === undefined || more.length > 0)
    throw new UsageError(
      "One address is added at a time, and not beside plugin files.",
      "Give an address or a folder, or files that exist and end in .ts, .js, .mjs or .pm.",
    );
  if (dir !== undefined)
    throw new UsageError(
      `${source} is no plugin file, and --dir is for those.`,
      "Name a file that exists and ends in .ts, .js, .mjs or .pm.",
    );
  await add(await openSession(printer.io, rest), source, rest);
};

/** `hitagi registry add` and `test`: a registry by any address. */
export const registryAddCommands = (registry: CliCommand): void => {
  registry
    .remote(
      "add <sources...>",
      "Add a registry by its address or folder, detect its provider, and refresh it. In a registry's own folder: put plugin files into it.",
    )
    .examples(
      "hitagi registry add ./examples/registry",
      "hitagi registry add https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry add https://example.org/registry --name Example",
      "hitagi registry add github.com/owner/repo --folder lib --generate-index",
      "hitagi registry add ./title-cleaner.ts --dir ./my-registry",
    )
    .option("--dir <folder>", "for plugin files: the registry's folder; by default the current one")
    .option("--name <name>", "its name; by default from the address")
    .use(addressOptions)
    .option("--fingerprint <hex>", "the fingerprint that its keeper published; another key is refused")
    .option("--lenient", "skip invalid plugins and versions, instead of refusing the whole index")
    .option("--default", "make it the default registry")
    .option(
      "-y, --yes",
      "do not ask: add an address that looks like another registry's; replace readmes and changelogs that differ",
    )
    .option("--no-refresh", "do not fetch the index now, and detect the provider from the address only")
    .runLocal(addAny);
  registry
    .remote("test <source>", "Test an address or folder without storing anything.")
    .examples(
      "hitagi registry test https://github.com/owner/repo/tree/main/plugins",
      "hitagi registry test git@example.org:me/registry.git --ssh-key ./key",
    )
    .use(addressOptions)
    .runRemote(test);
};
