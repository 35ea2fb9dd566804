import {
  ApiError,
  type ArchiveMetadata,
  type Client,
  comparableText,
  quoteText,
  type Registry,
  redact,
} from "@hitagi/contract";
import { CommandFailed, failureText } from "./failure.ts";

const WHOLE_ID = /^[0-9a-f]{40}$/;
const LISTED = 5;
const SHORT_ID = 8;
/** The offered plugins that a mistyped name is compared with, and the edits that a near one needs at most. */
const COMPARED = 200;
const MAX_EDITS = 2;

/** The beginnings of ids that tell them apart: of one length, at least eight characters. */
export const shortIds = (ids: readonly string[]): ((id: string) => string) => {
  let length = SHORT_ID;
  const distinct = new Set(ids).size;
  while (new Set(ids.map((id) => id.slice(0, length))).size < distinct) length++;
  return (id) => id.slice(0, length);
};

/** The message repeats typed text, which may contain a secret. */
const unresolved = (message: string, hint: string): CommandFailed => new CommandFailed(redact(message), hint);

const ambiguous = (message: string, ids: string[], total = ids.length): CommandFailed =>
  unresolved(message, `Use its id: ${ids.slice(0, LISTED).join(", ")}${total > LISTED ? ", …" : ""}.`);

/** How the command line names an archive in the help of its arguments. */
export const ARCHIVE_ARGUMENT = "its id, the beginning of its id, its path, or its file name";

const archivesNamed = (client: Client, text: string) =>
  client.searchArchives({ query: { ref: text, size: LISTED } });

/**
 * The id of an archive, given as its id, the beginning of its id, its path, or its file name.
 * @throws CommandFailed if none or several match
 */
export const chooseArchive = async (client: Client, text: string): Promise<string> => {
  if (WHOLE_ID.test(text)) return text;
  const { total, items } = await archivesNamed(client, text);
  const [found, another] = items;
  if (found && !another) return found.arcid;
  if (!found)
    throw unresolved(
      `There is no archive ${text}.`,
      "List the archives with `hitagi library list`. A file becomes one with `hitagi library add`.",
    );
  const short = shortIds(items.map(({ arcid }) => arcid));
  throw ambiguous(
    `${text} matches ${total} archives.`,
    items.map(({ arcid, file }) => `${short(arcid)} (${quoteText(file ?? "")})`),
    total,
  );
};

/** The beginning of an id, as lists show it. */
const SHORT = /^[0-9a-f]{4,39}$/i;

/**
 * The id of an archive as `chooseArchive` finds it, or of a deleted one by the beginning of its id, which the history knows.
 * @throws CommandFailed if none or several match
 */
export const choosePastArchive = async (client: Client, text: string): Promise<string> => {
  if (SHORT.test(text) && (await archivesNamed(client, text)).total === 0) {
    const { items } = await client.listHistory({ query: { subject: text, kind: "archive", size: 1 } });
    const id = items[0]?.subject?.id;
    if (id !== undefined) return id;
  }
  return chooseArchive(client, text);
};

/**
 * An archive as lists have it, given as {@link chooseArchive} takes it.
 * @throws CommandFailed if none or several match; ApiError ARCHIVE_NOT_FOUND
 */
export const findArchive = async (client: Client, text: string): Promise<ArchiveMetadata> => {
  const id = await chooseArchive(client, text);
  const { items } = await client.searchArchives({ query: { ref: id, check: true } });
  // The call answers ARCHIVE_NOT_FOUND for an archive that is not in the list.
  return items[0] ?? client.getArchiveMetadata({ params: { id } });
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

const isBuiltin = async (client: Client, namespace: string): Promise<boolean> => {
  const { plugins } = await client.listInstalled({});
  return plugins.some((one) => one.namespace === namespace && one.origin === "builtin");
};

/** The failure of a plugin that no registry offers: it is builtin, or an offered one has nearly its name. */
const notOffered = async (client: Client, namespace: string, error: unknown): Promise<unknown> => {
  if (!(error instanceof ApiError) || error.code !== "PLUGIN_NOT_OFFERED") return error;
  if (await isBuiltin(client, namespace))
    return new CommandFailed(
      `${namespace} is a builtin plugin of Hitagi, which no registry offers.`,
      `It is installed: see \`hitagi info ${namespace}\`.`,
      error.code,
    );
  const { items } = await client.searchAvailable({ query: { size: COMPARED } });
  const { closest, distance } = await import("fastest-levenshtein");
  if (items.length === 0) return error;
  const near = closest(
    namespace,
    items.map((one) => one.namespace),
  );
  if (distance(namespace, near) > MAX_EDITS) return error;
  return new CommandFailed(
    failureText(error),
    `Did you mean ${near}? List what the registries offer with \`hitagi search\`.`,
    error.code,
  );
};

/**
 * The registry to install a plugin from: the only one that offers it, or the default one.
 * @throws CommandFailed if none offers it, or several do and none is the default
 */
export const offeringRegistry = async (client: Client, namespace: string): Promise<string> => {
  const [{ offers }, preferred] = await Promise.all([
    client.getAvailable({ params: { namespace } }).catch(async (error: unknown) => {
      throw await notOffered(client, namespace, error);
    }),
    client.getDefaultRegistry({}),
  ]);
  const ids = offers.map((o) => o.registry);
  const [first, another] = ids;
  if (ids.includes(preferred.id)) return preferred.id;
  if (first !== undefined && another === undefined) return first;
  throw unresolved(
    `Several registries offer ${namespace}: ${offers.map((o) => `${o.registryName} (${o.registry})`).join(", ")}.`,
    "Choose one with --registry, or set a default with `hitagi registry default <registry>`.",
  );
};

/** Registry names by id, for tables. */
export const registryNames = async (client: Client): Promise<(id: string | null) => string | null> => {
  const { registries } = await client.listRegistries({});
  const names = new Map(registries.map((r) => [r.id, r.name]));
  return (id) => (id === null ? null : (names.get(id) ?? id));
};
