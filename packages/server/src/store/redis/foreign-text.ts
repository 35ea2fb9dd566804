import { FIELDS } from "./script.ts";

/**
 * Lua: `fromLatin1(text)` and `toLatin1(text)`. LANraragi hands its texts to Redis as bytes, of which it decodes some and not others:
 * names of registries are Latin-1 both ways, settings of plugins are written as Latin-1 and read as UTF-8, else as Latin-1. A text that
 * is not valid UTF-8 is therefore Latin-1. Only what both ways lead back to is written so: a text outside of Latin-1, or one whose
 * Latin-1 would be read as UTF-8, stays UTF-8.
 */
export const FOREIGN_TEXT = `
  local sequences = {'[\\194-\\223][\\128-\\191]', '\\224[\\160-\\191][\\128-\\191]', '[\\225-\\236\\238\\239][\\128-\\191][\\128-\\191]',
    '\\237[\\128-\\159][\\128-\\191]', '\\240[\\144-\\191][\\128-\\191][\\128-\\191]', '[\\241-\\243][\\128-\\191][\\128-\\191][\\128-\\191]',
    '\\244[\\128-\\143][\\128-\\191][\\128-\\191]'}
  local function isUtf8(text)
    for _, sequence in ipairs(sequences) do text = string.gsub(text, sequence, '.') end
    return not string.find(text, '[\\128-\\255]')
  end
  local function fromLatin1(text)
    if not string.find(text, '[\\128-\\255]') or isUtf8(text) then return text end
    return (string.gsub(text, '[\\128-\\255]', function(byte)
      local code = string.byte(byte)
      return string.char(192 + math.floor(code / 64), 128 + code % 64)
    end))
  end
  local function toLatin1(text)
    if string.find(text, '[\\196-\\255]') then return text end
    local bytes = string.gsub(text, '([\\194\\195])([\\128-\\191])', function(lead, rest)
      return string.char((string.byte(lead) - 192) * 64 + string.byte(rest) - 128)
    end)
    return isUtf8(bytes) and text or bytes
  end
`;

/** Lua: `foreignFields(key)`, as `fields(key)` of {@link FIELDS}, of a hash that LANraragi may have written. */
export const FOREIGN_FIELDS = `${FIELDS} ${FOREIGN_TEXT}
  local function foreignFields(key)
    local found = fields(key)
    if type(found) == 'table' then
      for i = 2, #found, 2 do found[i] = fromLatin1(found[i]) end
    end
    return found
  end
`;
