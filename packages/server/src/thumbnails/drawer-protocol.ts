/** A page of an archive, as it is in the file. */
export interface ToDrawer {
  page: Uint8Array;
}

/** The thumbnail as JPEG, or why there is none, as a part of a sentence. */
export type FromDrawer = { thumbnail: Uint8Array } | { refused: string };
