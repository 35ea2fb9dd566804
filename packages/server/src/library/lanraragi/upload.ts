import { openAsBlob } from "node:fs";
import { HitagiError } from "@hitagi/contract";
import type { FormData } from "undici";
import { loadUndici } from "../../net/undici.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer } from "./server.ts";

export interface Sending {
  file: string;
  filename: string;
  /** LANraragi's archive id. */
  id: string;
  /** SHA-1 of the whole, hex. */
  checksum: string;
  title: string | undefined;
  tags: string | undefined;
  summary: string | undefined;
}

const formOf = async ({ file, filename, checksum, title, tags, summary }: Sending): Promise<FormData> => {
  const { FormData } = await loadUndici();
  const form = new FormData();
  const fields = { title, tags, summary, file_checksum: checksum };
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  // The blob streams from the disk.
  form.append("file", await openAsBlob(file), filename);
  return form;
};

const idIn = (body: unknown): string | undefined => {
  const { id } = (body ?? {}) as { id?: unknown };
  return typeof id === "string" && /^[0-9a-f]{40}$/.test(id) ? id : undefined;
};

/** LANraragi's error statuses for an upload. */
const rejections: Record<number, (sending: Sending, body: unknown) => HitagiError> = {
  409: ({ id }, body) => new HitagiError("ARCHIVE_EXISTS", { id: idIn(body) ?? id }),
  413: ({ filename }) => new HitagiError("LIBRARY_UPLOAD_TOO_LARGE", { filename }),
  415: ({ filename }) => new HitagiError("ARCHIVE_TYPE_UNSUPPORTED", { filename }),
  417: ({ checksum }) => new HitagiError("ARCHIVE_CHECKSUM", { expected: checksum }),
  422: () => new HitagiError("ARCHIVE_BROKEN", { reason: "the library's server cannot open it" }),
  423: ({ id }) => new HitagiError("ARCHIVE_BUSY", { id }),
};

/**
 * Sends a file to the server, without a retry: the server may have received an upload that was cut off.
 * @returns the archive's id there
 * @throws HitagiError ARCHIVE_EXISTS, ARCHIVE_TYPE_UNSUPPORTED, ARCHIVE_CHECKSUM, ARCHIVE_BROKEN, ARCHIVE_BUSY,
 *   LIBRARY_UPLOAD_TOO_LARGE, and what the server's calls throw
 */
export const sendArchive = async (server: LanraragiServer, sending: Sending): Promise<string> => {
  const expected = Object.keys(rejections).map(Number);
  const request = {
    method: "PUT",
    path: "archives/upload",
    body: await formOf(sending),
    once: true,
  } as const;
  const { status, body } = await server.json(request, expected);
  const rejected = rejections[status]?.(sending, body);
  if (rejected) throw rejected;
  const id = idIn(body);
  if (id === undefined) throw notLanraragi("its answer to an upload names no archive");
  return id;
};
