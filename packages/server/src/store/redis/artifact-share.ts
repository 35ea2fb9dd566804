import type { ArtifactShare, PendingArtifacts } from "../types.ts";
import { CLOCK } from "./clock.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";
import { createNotice, NAMED } from "./reference-index.ts";

/** KEYS of every script: the notes of what is not recorded yet, the bytes. By Redis' own clock. */
const keysOf = (sha256: string): string[] => [names.unrecorded, names.artifact(sha256)];

/** ARGV: the hash. */
const NOTE = script(`${CLOCK} redis.call('ZADD', KEYS[1], clock(), ARGV[1])`);

/** ARGV: the hash, the bytes, the manifest. */
const PUT = script(`${CLOCK}
  redis.call('ZADD', KEYS[1], clock(), ARGV[1])
  redis.call('HSET', KEYS[2], 'bytes', ARGV[2], 'manifest', ARGV[3])
`);

/** KEYS: the notes. ARGV: an age. */
const OLD = script(`${CLOCK} return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', clock() - ARGV[1])`);

/** ARGV: the hash, an age. */
const MAY_GO = `${CLOCK} ${NAMED}
  local noted = redis.call('ZSCORE', KEYS[1], ARGV[1])
  if noted and tonumber(noted) > clock() - ARGV[2] then return 0 end
  if isNamed(ARGV[1]) then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return 0
  end
`;
const LOOK = script(`${MAY_GO} return 1`);
const DROP = script(`${MAY_GO}
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[1], ARGV[1])
  return 1
`);

/** The notes of which bytes are for no record, yet or any more. */
export const createPendingArtifacts = (connection: Connection): PendingArtifacts => {
  const notice = createNotice(connection);
  return {
    note: async (sha256) => void (await connection.run(NOTE, keysOf(sha256), [sha256])),
    list: async (ageMs) => {
      const old = (await connection.run(OLD, [names.unrecorded], [ageMs])) as string[];
      // Whoever asks is about to remove: first comes what LANraragi may have written meanwhile.
      if (old.length > 0) await notice();
      return old;
    },
    isGarbage: async (sha256, ageMs) => (await connection.run(LOOK, keysOf(sha256), [sha256, ageMs])) === 1,
    drop: async (sha256, ageMs) => (await connection.run(DROP, keysOf(sha256), [sha256, ageMs])) === 1,
  };
};

/** The bytes of vetted versions in a Redis, a hash each. */
export const createArtifactShare = (connection: Connection): ArtifactShare => ({
  put: async (sha256, bytes, manifest) =>
    void (await connection.run(PUT, keysOf(sha256), [sha256, bytes, manifest])),
  has: async (sha256) => (await connection.command("EXISTS", names.artifact(sha256))) === 1,
  read: async (sha256) => {
    const reply = await connection.bytes("HMGET", names.artifact(sha256), "bytes", "manifest");
    const [bytes, manifest] = reply as (Buffer | null)[];
    return bytes && manifest ? { bytes, manifest: manifest.toString("utf8") } : undefined;
  },
  remove: async (sha256) => void (await connection.command("DEL", names.artifact(sha256))),
});
