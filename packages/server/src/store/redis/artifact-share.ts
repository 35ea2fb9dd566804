import type { ArtifactShare, PendingArtifacts } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";
import { indexReferences, REFERENCES } from "./reference-index.ts";
import { CLOCK, script } from "./script.ts";

const PENDING = names.pendingArtifacts;

const NOTE = script(`${CLOCK} redis.call('ZADD', '${PENDING}', clock(), arg.sha256)`);

const PUT = script(`${CLOCK}
  redis.call('ZADD', '${PENDING}', clock(), arg.sha256)
  if redis.call('TYPE', key.artifact).ok ~= 'hash' then redis.call('DEL', key.artifact) end
  redis.call('HSET', key.artifact, 'bytes', arg.bytes, 'manifest', arg.manifest)
`);

const LIST = script(`${CLOCK} return redis.call('ZRANGEBYSCORE', '${PENDING}', '-inf', clock() - arg.ageMs)`);

const UNLESS_WANTED = `${CLOCK} ${REFERENCES}
  local noted = redis.call('ZSCORE', '${PENDING}', arg.sha256)
  if noted and tonumber(noted) > clock() - arg.ageMs then return 0 end
  if isReferenced(arg.sha256) then
    redis.call('ZREM', '${PENDING}', arg.sha256)
    return 0
  end
`;
const IS_GARBAGE = script(`${UNLESS_WANTED} return 1`);
const DROP = script(`${UNLESS_WANTED}
  redis.call('DEL', key.artifact)
  redis.call('ZREM', '${PENDING}', arg.sha256)
  return 1
`);

const keysOf = (sha256: string) => ({ artifact: names.artifact(sha256) });

/** The bytes that no record names, by Redis' clock. */
export const createPendingArtifacts = (connection: Connection): PendingArtifacts => ({
  note: async (sha256) => void (await connection.run(NOTE, {}, { sha256 })),
  list: async (ageMs) => {
    const old = await connection.run<string[]>(LIST, {}, { ageMs });
    // The caller is about to remove them, and LANraragi may have written a reference meanwhile.
    if (old.length > 0) await indexReferences(connection);
    return old;
  },
  isGarbage: async (sha256, ageMs) => (await connection.run(IS_GARBAGE, {}, { sha256, ageMs })) === 1,
  drop: async (sha256, ageMs) => (await connection.run(DROP, keysOf(sha256), { sha256, ageMs })) === 1,
});

export const createArtifactShare = (connection: Connection): ArtifactShare => ({
  put: async (sha256, bytes, manifest) =>
    void (await connection.run(PUT, keysOf(sha256), { sha256, bytes, manifest })),
  has: async (sha256) => (await connection.command("TYPE", names.artifact(sha256))) === "hash",
  read: async (sha256) => {
    const key = names.artifact(sha256);
    const reply = await unlessWrongType<unknown>(connection, { [key]: "hash" }, [], () =>
      connection.bytes("HMGET", key, "bytes", "manifest"),
    );
    const [bytes, manifest] = reply as (Buffer | null)[];
    return bytes && manifest ? { bytes, manifest: manifest.toString("utf8") } : undefined;
  },
  remove: async (sha256) => void (await connection.command("DEL", names.artifact(sha256))),
});
