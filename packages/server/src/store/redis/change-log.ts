import { names } from "./names.ts";

/** How many of the last changes keep their mark. A node that missed more reads everything. */
const MARKED = 1000;

/**
 * Lua: `markOf(revision)`, "" for a change without a mark. A mark is the time of the change, so that two changes of one number
 * differ, of which Redis lost the first.
 */
export const MARK_OF = `
  local function markOf(revision)
    local stored = redis.call('HGET', '${names.revisions}', revision % ${MARKED})
    local number, mark = string.match(stored or '', '^(%d+) (.+)$')
    return number and tonumber(number) == revision and mark or ''
  end
`;

/**
 * Lua: `logChange(topic)` counts a change that other nodes apply, in the same step, and publishes a hint. Call it last: if the
 * hint cannot be published, nothing is left undone.
 */
export const LOG_CHANGE = `
  local function logChange(topic)
    local revision = redis.call('HINCRBY', '${names.counts}', 'revision', 1)
    local time = redis.call('TIME')
    redis.call('HSET', '${names.revisions}', revision % ${MARKED}, revision .. ' ' .. time[1] .. '.' .. time[2])
    redis.call('ZADD', '${names.changes}', revision, topic)
    redis.pcall('PUBLISH', '${names.changed}', revision)
  end
`;
