import { openShare } from "../artifacts/shares/shares.ts";
import { readNetwork } from "../config/network.ts";
import { createLanraragiServer, defaultTimeouts } from "../library/lanraragi/server.ts";
import { libraryPlace } from "../library/place.ts";
import { type Check, failed, ok } from "./finding.ts";

/** Short limits, because a user waits for the answer. */
const TIMEOUTS = { ...defaultTimeouts, retries: 1, silenceMs: 5000, answerMs: 10_000 };

/** Checks that a library on another server answers, with the configured key. */
export const checkLibrary: Check = async ({ config }) => {
  const place = libraryPlace(config.library, "HITAGI_LIBRARY");
  if (place.kind === "folder") return [];
  const { ca } = readNetwork(config);
  const server = createLanraragiServer(place.address, config.libraryKey, { ca }, TIMEOUTS);
  try {
    const { body } = await server.json({ method: "GET", path: "info" });
    // This call needs the key even if the server lets everyone read archives.
    await server.json({ method: "GET", path: "plugins/metadata" });
    const { name, version, total_archives: total } = body as Record<string, unknown>;
    return [ok("library server", `${name} ${version} answers, with ${total} archives`)];
  } catch (e) {
    return [failed("library server", e)];
  } finally {
    await server.close();
  }
};

/** Checks that the shared artifact storage can be written, read and cleared, with the configured key. */
export const checkArtifacts: Check = async ({ config }) => {
  const share = openShare(config, readNetwork(config));
  if (!share) return [];
  try {
    await share.check();
    return [ok("artifacts", `${config.artifacts} can be written and read`)];
  } catch (e) {
    return [failed("artifacts", e)];
  } finally {
    await share.close();
  }
};
