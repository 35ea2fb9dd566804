/** Something that was announced. */
export interface Announcement {
  /** Where it stands; every one has a later position than all before, also after the store lost what was newest. */
  position: string;
  text: string;
}

/** What stands in a feed after a position. */
export interface FeedReading {
  /** The position after which `announcements` come. */
  position: string;
  /** Whether what came between the position that was asked for and this one is not kept any more. */
  reset: boolean;
  announcements: readonly Announcement[];
}

/** What the nodes on one store tell each other's readers, in one order. The newest announcements are kept. */
export interface Feed {
  /**
   * Adds announcements, all of them at once and in their order.
   * @param batch a name that no others have, so that a call whose answer was lost can be made again
   * @param again whether it may be there already; then it is looked for, and not added twice
   */
  add(batch: string, texts: readonly string[], again: boolean): Promise<void>;
  /** What stands after a position, or after the newest where none is given, or where it is not kept any more (`reset`). */
  read(after: string | undefined): Promise<FeedReading>;
  /**
   * Hands on what is announced from now on, and goes on after a store that was away; the first reading says from where.
   * @param take must not throw
   * @returns ends it
   */
  follow(take: (reading: FeedReading) => void): () => void;
  /** Whether a position is later than another; true of positions that cannot be compared. */
  isAfter(position: string, other: string): boolean;
}
