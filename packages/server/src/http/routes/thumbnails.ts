import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { PLACEHOLDER } from "../../thumbnails/placeholder.ts";
import { etagOf } from "../etag.ts";
import { disconnectSignal, handleRaw } from "../route.ts";

/** Seconds for which a browser need not ask again. A placeholder may soon be a picture. */
const FRESH = { image: 3600, placeholder: 60 };

/** The thumbnails of archives, as LANraragi's clients request them. */
export const thumbnailRoutes = (app: FastifyInstance, { thumbnails }: Services): void => {
  handleRaw(app, "getThumbnail", async ({ params: { id }, query }, { request, reply }) => {
    const page = query.page || 1;
    const made = await thumbnails.get(id, page, disconnectSignal(reply));
    const isMade = "image" in made;
    if (!isMade && query.no_fallback)
      throw new HitagiError("THUMBNAIL_UNAVAILABLE", { page, reason: made.reason });
    const { image, type } = isMade ? made : { image: PLACEHOLDER, type: "image/png" };
    const etag = etagOf(image);
    reply
      .header("cache-control", `private, max-age=${isMade ? FRESH.image : FRESH.placeholder}`)
      .header("etag", etag);
    if (request.headers["if-none-match"]?.includes(etag)) return reply.code(304).send();
    return reply.type(type).send(image);
  });
};
