import type { FastifyInstance } from "fastify";
import { isPage } from "../../library/zip-names.ts";
import type { Services } from "../../services.ts";
import { handle, handleRaw } from "../route.ts";
import { pageType, sendFile } from "../send-file.ts";
import { filenameOf } from "./archives.ts";

/** Bytes of one page, unpacked: it is held in memory while it is sent. */
const MAX_PAGE = 64 * 1024 * 1024;

/** `2.jpg` stands before `10.jpg`, as in LANraragi. */
const byName = new Intl.Collator("en", { numeric: true });

const addressOf = (id: string, page: string): string =>
  `./api/archives/${id}/page?path=${encodeURIComponent(page)}`;

/** What is in the library's files: whole archives, and their pages. */
export const archiveFileRoutes = (app: FastifyInstance, { library }: Services): void => {
  handleRaw(app, "downloadArchive", async ({ params: { id } }, { request, reply }) => {
    const archive = await library.get(id);
    const file = await library.localFile(id);
    return sendFile(request, reply, file, filenameOf(archive));
  });
  handle(app, "listPages", async ({ params: { id } }) => {
    const names = (await library.entries(id)).map(({ name }) => name).filter(isPage);
    return { job: 0, pages: names.sort(byName.compare).map((name) => addressOf(id, name)) };
  });
  handleRaw(app, "getPage", async ({ params: { id }, query }, { reply }) => {
    const bytes = await library.read(id, query.path, MAX_PAGE);
    // A page may say of itself that it is a script: it is shown as the image that its name says, or not at all.
    const type = isPage(query.path) ? pageType(query.path) : "application/octet-stream";
    return reply.type(type).send(bytes);
  });
};
