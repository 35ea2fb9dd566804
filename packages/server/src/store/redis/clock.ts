/** Lua: `clock()`, the milliseconds of Redis' own clock. */
export const CLOCK = `
  local function clock()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
  end
`;
