/** Bytes of the largest key, artifact or plugin file that a backup has; each is far smaller. */
const SMALL = 16 * 1024 * 1024;

/** All that a backup has, by its path in it. Writing and reading use this list, and nothing else is taken out of a backup. */
const CONTENTS: readonly { path: RegExp; maxBytes: number }[] = [
  { path: /^data\/api-key$/, maxBytes: SMALL },
  { path: /^data\/artifacts\/[0-9a-f]{64}(?:\.json)?$/, maxBytes: SMALL },
  { path: /^data\/git\/known_hosts$/, maxBytes: SMALL },
  { path: /^store\/hitagi\.db(?:-catalog\/\d+\.(?:json|rows))?$/, maxBytes: Number.POSITIVE_INFINITY },
  {
    path: /^plugins\/(?:(?:Managed|Hitagi)\/(?:Metadata|Download|Login|Scripts)|Sideloaded)\/[^/]+$/,
    maxBytes: SMALL,
  },
  { path: /^library\/./, maxBytes: Number.POSITIVE_INFINITY },
];

/** The bytes that a file of a backup may have; undefined for a path that no backup has. @param path with its part, such as `data/api-key` */
export const maxBytesOf = (path: string): number | undefined =>
  CONTENTS.find((content) => content.path.test(path))?.maxBytes;
