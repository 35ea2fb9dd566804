import { names } from "./names.ts";

/** How many changes keep their mark. A node that was away for more takes up everything. */
const MARKED = 1000;

/**
 * Lua that reads marks: `markOf(revision)` is "" for a change that has none any more. A mark is the time of the change, so that of
 * two changes with one number, the second made after Redis had lost the first, each has its own.
 */
export const MARKS = `
  local function markOf(revision)
    local held = redis.call('HGET', '${names.revisions}', revision % ${MARKED})
    local number, mark = string.match(held or '', '^(%d+) (.+)$')
    return number and tonumber(number) == revision and mark or ''
  end
`;

/**
 * Lua for the scripts of changes that other nodes have to take up: `changed(topic)` counts the change in the same step,
 * and hints at it. Called last: where the hint cannot be given, nothing is left undone.
 */
export const CHANGED = `
  local function changed(topic)
    local revision = redis.call('HINCRBY', '${names.counts}', 'revision', 1)
    local time = redis.call('TIME')
    redis.call('HSET', '${names.revisions}', revision % ${MARKED}, revision .. ' ' .. time[1] .. '.' .. time[2])
    redis.call('ZADD', '${names.changes}', revision, topic)
    redis.pcall('PUBLISH', '${names.changed}', revision)
  end
`;
