/** The image, or why there is none, as a part of a sentence. */
export type Thumbnail = { image: Buffer; type: string } | { reason: string };

export interface Thumbnails {
  /**
   * The thumbnail of a page: from the library's own server, from this server's cache, or drawn now.
   * @param page from 1, which is the cover
   * @param signal ends the wait for its turn
   * @throws HitagiError ARCHIVE_NOT_FOUND, LIBRARY_UNREACHABLE, LIBRARY_KEY_REFUSED, LIBRARY_ANSWER
   */
  get(id: string, page: number, signal: AbortSignal): Promise<Thumbnail>;
  /** Removes the thumbnails of removed archives from the cache, now and with each archive that is removed later. */
  start(): Promise<void>;
  close(): void;
}
