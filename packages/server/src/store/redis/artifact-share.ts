import type { ArtifactShare } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

const GET = script(`return redis.call('HMGET', KEYS[1], 'bytes', 'manifest')`);

/** The bytes of vetted versions in a Redis, a hash each. */
export const createArtifactShare = (connection: Connection): ArtifactShare => ({
  put: async (sha256, bytes, manifest) =>
    void (await connection.command("HSET", names.artifact(sha256), "bytes", bytes, "manifest", manifest)),
  has: async (sha256) => (await connection.command("EXISTS", names.artifact(sha256))) === 1,
  read: async (sha256) => {
    const reply = await connection.runForBytes(GET, [names.artifact(sha256)]);
    const [bytes, manifest] = reply as (Buffer | null)[];
    return bytes && manifest ? { bytes, manifest: manifest.toString("utf8") } : undefined;
  },
  remove: async (sha256) => void (await connection.command("DEL", names.artifact(sha256))),
});
