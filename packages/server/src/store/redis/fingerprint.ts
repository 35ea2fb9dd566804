/**
 * Lua that tells whether a cached registry.json is still the one that we know: by its length, its beginning and its
 * end. `generated_at` stands in one of these, because only `version` and `plugins` stand beside it; so LANraragi's next
 * index shows without reading the whole.
 */
export const FINGERPRINT = `
  local function fingerprint(key)
    return redis.sha1hex(redis.call('STRLEN', key) .. ':' .. redis.call('GETRANGE', key, 0, 1023)
      .. redis.call('GETRANGE', key, -1024, -1))
  end
`;
