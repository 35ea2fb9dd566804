import { HitagiError } from "@hitagi/contract";
import type { ArchiveChange } from "../tags.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer } from "./server.ts";

/** Bytes of an address that every server accepts: LANraragi's and nginx read lines of at most 8,192 by default. */
const SURE = 7900;

/** Statuses for an address that is too long (RFC 9110 §15.5.15, RFC 6585 §5). */
const TOO_LONG = [413, 414, 431];

const addressOf = (id: string, change: ArchiveChange): string =>
  `archives/${id}/metadata?${new URLSearchParams(change as Record<string, string>)}`;

const bytesOf = (change: ArchiveChange): number =>
  Buffer.byteLength(new URLSearchParams(change as Record<string, string>).toString());

/** One call for all fields, or one for each if that is too long, the longest first, so that it fails before anything changed. */
const parts = (id: string, change: ArchiveChange): ArchiveChange[] => {
  if (addressOf(id, change).length <= SURE) return [change];
  const each = Object.entries(change).map(([field, value]) => ({ [field]: value }) as ArchiveChange);
  return each.sort((a, b) => bytesOf(b) - bytesOf(a));
};

/**
 * Writes an archive's metadata. LANraragi takes it in the address only, whose length servers limit. Longer texts are
 * tried too, because the limits differ.
 * @throws HitagiError LIBRARY_TEXT_TOO_LONG, and what the server's calls throw
 */
export const putMetadata = async (
  server: LanraragiServer,
  id: string,
  change: ArchiveChange,
): Promise<void> => {
  for (const part of parts(id, change)) {
    const path = addressOf(id, part);
    const long = path.length > SURE;
    // Some servers answer 400 to an address that is too long.
    const { status, body } = await server.json(
      { method: "PUT", path, id, once: long },
      long ? [...TOO_LONG, 400] : TOO_LONG,
    );
    if (status !== 200) {
      throw new HitagiError("LIBRARY_TEXT_TOO_LONG", {
        field: Object.keys(part).join(", "),
        bytes: bytesOf(part),
      });
    }
    const { success, error } = (body ?? {}) as { success?: unknown; error?: unknown };
    if (success === 0) throw notLanraragi(`it did not save the metadata (${String(error).slice(0, 200)})`);
  }
};
