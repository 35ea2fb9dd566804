/** A position: of which run of the feed, and an id of its stream there (`<milliseconds>-<number>`). */
export interface FeedPosition {
  run: string;
  id: string;
}

/** Before all that a stream holds. */
export const START = "0-0";

export const toText = ({ run, id }: FeedPosition): string => `${run}-${id}`;

/** Reads a position; undefined for anything else. Redis' numbers have 64 bits. */
export const parsePosition = (text: string): FeedPosition | undefined => {
  const [, run, id] = /^([0-9a-f]{12})-(\d{1,19}-\d{1,19})$/.exec(text) ?? [];
  return run === undefined || id === undefined ? undefined : { run, id };
};

const numbersOf = (id: string): [bigint, bigint] => {
  const [time = "", count = ""] = id.split("-");
  return [BigInt(time), BigInt(count)];
};

/** Whether an id of a stream is larger than another. */
export const isLater = (id: string, other: string): boolean => {
  const [[time, count], [otherTime, otherCount]] = [numbersOf(id), numbersOf(other)];
  return time === otherTime ? count > otherCount : time > otherTime;
};
