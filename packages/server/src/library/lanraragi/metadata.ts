import { HitagiError } from "@hitagi/contract";
import type { Change } from "../change.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer } from "./server.ts";

/**
 * Bytes of an address that LANraragi takes for sure: its server reads lines of at most 8,192, and so does nginx before it
 * by default.
 */
const SURE = 7900;

/** Statuses by which servers refuse an address that is too long (RFC 9110 §15.5.15, RFC 6585 §5). */
const TOO_LONG = [413, 414, 431];

const addressOf = (id: string, change: Change): string =>
  `archives/${id}/metadata?${new URLSearchParams(change as Record<string, string>)}`;

const bytesOf = (change: Change): number =>
  Buffer.byteLength(new URLSearchParams(change as Record<string, string>).toString());

/** One call for all, or where that would be too long one a field, the longest first: what is refused is refused before
 * anything has changed. */
const parts = (id: string, change: Change): Change[] => {
  if (addressOf(id, change).length <= SURE) return [change];
  const each = Object.entries(change).map(([field, value]) => ({ [field]: value }) as Change);
  return each.sort((a, b) => bytesOf(b) - bytesOf(a));
};

/**
 * Writes an archive's metadata. LANraragi takes it in the address alone, which servers bound; longer texts are tried all the
 * same, for not every server has the same bound.
 * @throws HitagiError LIBRARY_TEXT_TOO_LONG, and what the server's calls throw
 */
export const putMetadata = async (server: LanraragiServer, id: string, change: Change): Promise<void> => {
  for (const part of parts(id, change)) {
    const path = addressOf(id, part);
    const long = path.length > SURE;
    // A server without a status for it says that the request is none, or nothing.
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
