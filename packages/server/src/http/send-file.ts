import path from "node:path";
import fileSend from "@fastify/send";
import { HitagiError } from "@hitagi/contract";
import contentDisposition from "content-disposition";
import type { FastifyReply, FastifyRequest } from "fastify";

/** What keeps a file from being sent, by the status that the conditions of a request ask for (RFC 9110 §13, §14). */
const refusals: Record<number, () => HitagiError> = {
  412: () => new HitagiError("FILE_CHANGED"),
  416: () => new HitagiError("RANGE_INVALID"),
};

/**
 * Answers a file as it streams: whole, in part (Range, If-Range), or not at all where the caller has it (ETag,
 * Last-Modified).
 * @param file absolute
 * @param name what it is to be saved as
 * @throws HitagiError RANGE_INVALID, FILE_CHANGED, ARCHIVE_BROKEN where it is gone
 */
export const sendFile = async (
  request: FastifyRequest,
  reply: FastifyReply,
  file: string,
  name: string,
): Promise<FastifyReply> => {
  const sent = await fileSend(request.raw, encodeURIComponent(path.basename(file)), {
    root: path.dirname(file),
    dotfiles: "allow",
    cacheControl: false,
  });
  if (sent.type !== "file") {
    sent.stream.destroy();
    throw refusals[sent.statusCode]?.() ?? new HitagiError("ARCHIVE_BROKEN", { reason: "its file is gone" });
  }
  return reply
    .code(sent.statusCode)
    .headers(sent.headers)
    .header("content-disposition", contentDisposition(name))
    .send(sent.stream);
};

/** The media type of a page by its name. */
export const pageType = (name: string): string => fileSend.mime.getType(name) ?? "application/octet-stream";
