import { isHitagiError } from "@hitagi/contract";
import { readNetwork } from "../config/network.ts";
import { createLanraragiServer, defaultPatience } from "../library/lanraragi/server.ts";
import { libraryPlace } from "../library/place.ts";
import { type Check, ok, wrong } from "./types.ts";

/** A person waits for the answer. */
const PATIENCE = { ...defaultPatience, retries: 1, silenceMs: 5000, answerMs: 10_000 };

/** Whether the server that the library is on answers, with the key that is configured. */
export const checkLibrary: Check = async ({ config }) => {
  const place = libraryPlace(config.library, "HITAGI_LIBRARY");
  if (place.kind === "folder") return [];
  const server = createLanraragiServer(
    place.address,
    config.libraryKey,
    { ca: readNetwork(config).ca },
    PATIENCE,
  );
  const check = "library server";
  try {
    const { body } = await server.json({ method: "GET", path: "info" });
    // This one asks for the key also where reading archives needs none.
    await server.json({ method: "GET", path: "plugins/metadata" });
    const { name, version, total_archives: total } = body as Record<string, unknown>;
    return [ok(check, `${name} ${version} answers, with ${total} archives`)];
  } catch (e) {
    if (isHitagiError(e)) return [wrong(check, e.message, e.hint)];
    throw e;
  } finally {
    await server.close();
  }
};
