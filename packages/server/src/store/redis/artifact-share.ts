import type { ArtifactShare, Unrecorded } from "../types.ts";
import { type Connection, script } from "./connection.ts";
import { names } from "./names.ts";

/** KEYS of every script: the bytes, the notes of what is not recorded yet. By Redis' own clock. */
const keysOf = (sha256: string): string[] => [names.artifact(sha256), names.unrecorded];
const CLOCK = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** What is there already was noted or recorded then. ARGV: the hash, the bytes, the manifest. */
const PUT = script(`${CLOCK}
  local noted = redis.call('ZSCORE', KEYS[2], ARGV[1]) or redis.call('EXISTS', KEYS[1]) == 0
  redis.call('HSET', KEYS[1], 'bytes', ARGV[2], 'manifest', ARGV[3])
  if noted then redis.call('ZADD', KEYS[2], now, ARGV[1]) end
`);

/** Whoever asks may be about to record them. ARGV: the hash. */
const HAS = script(`${CLOCK}
  if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
  redis.call('ZADD', KEYS[2], 'XX', now, ARGV[1])
  return 1
`);

const GET = script(`return redis.call('HMGET', KEYS[1], 'bytes', 'manifest')`);

/** ARGV: the hash. */
const REMOVE = script(`redis.call('DEL', KEYS[1]) redis.call('ZREM', KEYS[2], ARGV[1])`);

/** KEYS: the notes. ARGV: an age. */
const OLD = script(`${CLOCK} return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])`);

/** ARGV: the hash, an age. */
const DROP = script(`${CLOCK}
  local noted = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not noted or tonumber(noted) > now - ARGV[2] then return end
  redis.call('DEL', KEYS[1]) redis.call('ZREM', KEYS[2], ARGV[1])
`);

/** The notes of which bytes are for no record yet. */
export const createUnrecorded = (connection: Connection): Unrecorded => ({
  list: async (ageMs) => (await connection.run(OLD, [names.unrecorded], [ageMs])) as string[],
  settle: async (sha256) => void (await connection.command("ZREM", names.unrecorded, sha256)),
  drop: async (sha256, ageMs) => void (await connection.run(DROP, keysOf(sha256), [sha256, ageMs])),
});

/** The bytes of vetted versions in a Redis, a hash each. */
export const createArtifactShare = (connection: Connection): ArtifactShare => ({
  put: async (sha256, bytes, manifest) =>
    void (await connection.run(PUT, keysOf(sha256), [sha256, bytes, manifest])),
  has: async (sha256) => (await connection.run(HAS, keysOf(sha256), [sha256])) === 1,
  read: async (sha256) => {
    const reply = await connection.runForBytes(GET, [names.artifact(sha256)]);
    const [bytes, manifest] = reply as (Buffer | null)[];
    return bytes && manifest ? { bytes, manifest: manifest.toString("utf8") } : undefined;
  },
  remove: async (sha256) => void (await connection.run(REMOVE, keysOf(sha256), [sha256])),
});
