import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { cleanText, HitagiError, isHitagiError } from "@hitagi/contract";
import contentDisposition from "content-disposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import pLimit from "p-limit";
import { pathOfOpen } from "../../disk/regular-files.ts";
import { MAX_PAGE, pagesIn } from "../../library/pages.ts";
import type { Library } from "../../library/types.ts";
import { isPage } from "../../library/zip-names.ts";
import type { Services } from "../../services.ts";
import { handle, handleRaw } from "../route.ts";
import { filenameOf } from "./archives.ts";

/** Pages that are unpacked at once. Beyond that, pages wait, because each one takes memory. */
const UNPACKING = 4;

const addressOf = (id: string, page: string): string =>
  `./api/archives/${id}/page?path=${encodeURIComponent(page)}`;

/** The errors of unmet conditions, by status (RFC 9110 §13, §14). */
const conditionErrors: Record<number, () => HitagiError> = {
  412: () => new HitagiError("FILE_CHANGED"),
  416: () => new HitagiError("RANGE_INVALID"),
};

/** Loaded for the first file, as it has a table of all types. */
const loadSend = async () => (await import("@fastify/send")).default;

const typeOf = async (name: string): Promise<string> =>
  (await loadSend()).mime.getType(name) ?? "application/octet-stream";

/** Streams a file whole, in part or not modified. @throws HitagiError RANGE_INVALID, FILE_CHANGED, ARCHIVE_BROKEN */
const sendFile = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { handle, file }: { handle: FileHandle; file: string },
  name: string,
): Promise<FastifyReply> => {
  const opened = pathOfOpen(handle, file);
  const sending = loadSend().then((fileSend) =>
    fileSend(request.raw, encodeURIComponent(path.basename(opened)), {
      root: path.dirname(opened),
      dotfiles: "allow",
      cacheControl: false,
    }),
  );
  const sent = await sending.catch(async (error: unknown) => {
    await handle.close();
    throw error;
  });
  // It opens the file itself.
  sent.stream.once("close", () => void handle.close().catch(() => {}));
  if (sent.type !== "file") {
    sent.stream.destroy();
    throw (
      conditionErrors[sent.statusCode]?.() ??
      new HitagiError("ARCHIVE_BROKEN", { reason: "its file is gone" })
    );
  }
  return reply
    .code(sent.statusCode)
    .headers({ ...sent.headers, "content-type": await typeOf(name) })
    .header("content-disposition", contentDisposition(name))
    .send(sent.stream);
};

/** Reads a page by its name, which lacks the control characters that were removed from the request. */
const readPage = async (library: Library, id: string, name: string): Promise<Buffer> => {
  try {
    return await library.read(id, name, MAX_PAGE);
  } catch (error) {
    if (!isHitagiError(error, "ENTRY_NOT_FOUND")) throw error;
    const entry = (await library.entries(id)).find((one) => cleanText(one.name) === name);
    if (entry === undefined) throw error;
    return library.read(id, entry.name, MAX_PAGE);
  }
};

/** Downloads of archives and of their pages. */
export const archiveFileRoutes = (app: FastifyInstance, { library }: Services): void => {
  const unpacking = pLimit(UNPACKING);
  handleRaw(app, "downloadArchive", async ({ params: { id } }, { request, reply }) => {
    const archive = await library.get(id);
    const file = await library.localFile(id);
    const handle = await library.open(id);
    return sendFile(request, reply, { handle, file }, filenameOf(archive));
  });
  handle(app, "listPages", async ({ params: { id } }) => {
    const names = pagesIn(await library.entries(id));
    return { job: 0, pages: names.map((name) => addressOf(id, name)) };
  });
  handleRaw(app, "getPage", async ({ params: { id }, query }, { reply }) => {
    const bytes = await unpacking(() => readPage(library, id, query.path));
    // A page must never run as a script, so its type is that of an image name or of opaque bytes.
    const type = isPage(query.path) ? await typeOf(query.path) : "application/octet-stream";
    return reply.type(type).send(bytes);
  });
};
