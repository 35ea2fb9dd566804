/** An event for the readers of all servers. */
export interface Announcement {
  /** Later than the position of every announcement before, even if the store lost the newest ones. */
  position: string;
  text: string;
}

/** The part of a feed after a position. */
export interface FeedReading {
  /** The position before `announcements`. */
  position: string;
  /** Whether announcements between the requested position and this one are lost. */
  reset: boolean;
  announcements: readonly Announcement[];
}

/** The events of all servers on a store, in one order. The newest ones are kept. */
export interface Feed {
  /**
   * Adds announcements, all of them at once and in their order.
   * @param batch a unique name, by which a repeated call is recognised
   * @param again whether the call is repeated, after its answer was lost
   */
  add(batch: string, texts: readonly string[], again: boolean): Promise<void>;
  /** What follows a position; the end of the feed without one, or if announcements after it are lost (`reset`). */
  read(after: string | undefined): Promise<FeedReading>;
  /**
   * Passes on all further announcements, and continues after an outage of the store. The first reading has the start position.
   * @param take must not throw
   * @returns ends the subscription
   */
  follow(take: (reading: FeedReading) => void): () => void;
  /** Whether a position is later than another; true for positions of different feeds. */
  isAfter(position: string, other: string): boolean;
}
