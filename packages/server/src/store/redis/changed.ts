import { names } from "./names.ts";

/**
 * Lua for the scripts of changes that other nodes have to take up: `changed(topic)` counts the change in the same step,
 * and hints at it. Called last: where the hint cannot be given, nothing is left undone.
 */
export const CHANGED = `
  local function changed(topic)
    local revision = redis.call('HINCRBY', '${names.counts}', 'revision', 1)
    redis.call('ZADD', '${names.changes}', revision, topic)
    redis.pcall('PUBLISH', '${names.changed}', revision)
  end
`;
