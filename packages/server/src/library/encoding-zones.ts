/** Bytes that begin characters of two bytes, from and to. */
type Leads = readonly (readonly [from: number, to: number])[];

/** Where an encoding of two bytes has the characters of which texts mostly consist. */
interface Zones {
  /** The smallest second byte of them. */
  trail: number;
  leads: Leads;
}

/**
 * The symbols and the first level of each character set, which was ordered by use: JIS X 0208 rows 1 to 47, GB 2312 rows 1 to 3 and
 * 16 to 55, Big5's frequent characters, KS X 1001's Hangul.
 */
const common: Readonly<Record<string, Zones>> = {
  shift_jis: {
    trail: 0x40,
    leads: [
      [0x81, 0x83],
      [0x88, 0x98],
    ],
  },
  gb18030: {
    trail: 0xa1,
    leads: [
      [0xa1, 0xa3],
      [0xb0, 0xd7],
    ],
  },
  big5: { trail: 0x40, leads: [[0xa1, 0xc6]] },
  "euc-kr": {
    trail: 0xa1,
    leads: [
      [0xa1, 0xa3],
      [0xb0, 0xc8],
    ],
  },
};

const isHalfWidth = (byte: number): boolean => byte >= 0xa1 && byte <= 0xdf;

const isLead = (byte: number, encoding: string): boolean =>
  common[encoding]?.leads.some(([from, to]) => byte >= from && byte <= to) === true;

/**
 * Whether a text is Shift_JIS with half-width katakana and their voicing marks, of which each follows a sound that it can change
 * (JIS X 0201), and with common characters beside them. Without a mark nothing tells katakana from characters of two bytes.
 */
export const hasHalfWidthKana = (bytes: Uint8Array): boolean => {
  let marks = 0;
  let before = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (isLead(byte, "shift_jis")) at += 1;
    else if (byte >= 0x80 && !isHalfWidth(byte)) return false;
    const isH = before >= 0xca && before <= 0xce;
    if (byte === 0xde && !(isH || before === 0xb3 || (before >= 0xb6 && before <= 0xc4))) return false;
    if (byte === 0xdf && !isH) return false;
    if (byte === 0xde || byte === 0xdf) marks += 1;
    before = byte;
  }
  return marks > 0;
};

/** Whether a text has characters of two bytes, and all are common ones. @param bytes valid in that encoding */
export const isCommon = (bytes: Uint8Array, encoding: string): boolean => {
  const zones = common[encoding];
  if (zones === undefined) return true;
  let pairs = 0;
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80 || (encoding === "shift_jis" && isHalfWidth(lead))) continue;
    at += 1;
    if ((bytes[at] ?? 0) < zones.trail) return false;
    if (!isLead(lead, encoding)) return false;
    pairs += 1;
  }
  return pairs > 0;
};
