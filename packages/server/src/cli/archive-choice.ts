import type { ArchiveMetadata, Client } from "@hitagi/contract";
import { UsageError } from "./failure.ts";

const WHOLE_ID = /^[0-9a-f]{40}$/;
const MIN_PREFIX = 4;
const LISTED = 5;

const isMeant = ({ arcid, filename, extension }: ArchiveMetadata, text: string): boolean =>
  `${filename}.${extension}` === text || (text.length >= MIN_PREFIX && arcid.startsWith(text.toLowerCase()));

/**
 * The id of an archive, given as its id, a prefix of its id, or its file name.
 * @throws UsageError if none or several match
 */
export const chooseArchive = async (client: Client, text: string): Promise<string> => {
  if (WHOLE_ID.test(text)) return text;
  const meant = (await client.listArchives({})).filter((archive) => isMeant(archive, text));
  const [found, another] = meant;
  if (found && !another) return found.arcid;
  if (!found)
    throw new UsageError(`There is no archive ${text}.`, "List the archives with `hitagi library list`.");
  const ids = meant.slice(0, LISTED).map(({ arcid }) => arcid);
  const more = meant.length > LISTED ? ", …" : "";
  throw new UsageError(`${text} matches ${meant.length} archives.`, `Use its id: ${ids.join(", ")}${more}.`);
};
