import { type ArchiveMetadata, type Client, comparableText, type Registry, redact } from "@hitagi/contract";
import { CommandFailed } from "./failure.ts";

const WHOLE_ID = /^[0-9a-f]{40}$/;
const MIN_PREFIX = 4;
const LISTED = 5;

const isNamed = ({ filename, extension }: ArchiveMetadata, text: string): boolean =>
  comparableText(`${filename}.${extension}`) === comparableText(text);

const hasPrefix = ({ arcid }: ArchiveMetadata, text: string): boolean =>
  text.length >= MIN_PREFIX && arcid.startsWith(text.toLowerCase());

/** The message repeats typed text, which may contain a secret. */
const unresolved = (message: string, hint: string): CommandFailed => new CommandFailed(redact(message), hint);

const ambiguous = (message: string, ids: string[]): CommandFailed =>
  unresolved(message, `Use its id: ${ids.slice(0, LISTED).join(", ")}${ids.length > LISTED ? ", …" : ""}.`);

/**
 * The id of an archive, given as its id, a prefix of its id, or its file name.
 * @throws CommandFailed if none or several match
 */
export const chooseArchive = async (client: Client, text: string): Promise<string> => {
  if (WHOLE_ID.test(text)) return text;
  const archives = await client.listArchives({});
  const alike = archives.filter((archive) => isNamed(archive, text) || hasPrefix(archive, text));
  const exact = alike.filter(({ filename, extension }) => `${filename}.${extension}` === text);
  const matches = exact.length > 0 ? exact : alike;
  const [found, another] = matches;
  if (found && !another) return found.arcid;
  if (!found)
    throw unresolved(`There is no archive ${text}.`, "List the archives with `hitagi library list`.");
  throw ambiguous(
    `${text} matches ${matches.length} archives.`,
    matches.map(({ arcid }) => arcid),
  );
};

/**
 * The registry with this id or name.
 * @throws CommandFailed if none or several match
 */
export const chooseRegistry = async (client: Client, text: string): Promise<Registry> => {
  const { registries } = await client.listRegistries({});
  const byId = registries.find((r) => r.id === text);
  const matches = byId ? [byId] : registries.filter((r) => comparableText(r.name) === comparableText(text));
  const [found, another] = matches;
  if (found && !another) return found;
  if (!found)
    throw unresolved(`There is no registry ${text}.`, "List the registries with `hitagi registry list`.");
  throw ambiguous(
    `Several registries are named ${text}.`,
    matches.map(({ id }) => id),
  );
};

/**
 * The registry to install a plugin from: the only one that offers it, or the default one.
 * @throws CommandFailed if several offer it and none is the default
 */
export const offeringRegistry = async (client: Client, namespace: string): Promise<string> => {
  const [{ offers }, preferred] = await Promise.all([
    client.getAvailable({ params: { namespace } }),
    client.getDefaultRegistry({}),
  ]);
  const ids = offers.map((o) => o.registry);
  const [first, another] = ids;
  if (ids.includes(preferred.id)) return preferred.id;
  if (first !== undefined && another === undefined) return first;
  throw unresolved(
    `Several registries offer ${namespace}: ${ids.join(", ")}.`,
    "Choose one with --registry, or set a default with `hitagi registry default <registry>`.",
  );
};

/** Registry names by id, for tables. */
export const registryNames = async (client: Client): Promise<(id: string | null) => string | null> => {
  const { registries } = await client.listRegistries({});
  const names = new Map(registries.map((r) => [r.id, r.name]));
  return (id) => (id === null ? null : (names.get(id) ?? id));
};
