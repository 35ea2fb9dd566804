import type { ServerEvent } from "@hitagi/contract";

type Body<E> = E extends unknown ? Omit<E, "id" | "time"> : never;

/** An event as whoever it happens to tells it; the bus adds its position and time. */
export type EventBody = Body<ServerEvent>;

/** Tells the bus of an event. */
export type Publish = (event: EventBody) => void;

/** Where a reader stands when it begins. */
export interface StreamPosition {
  /** The position after which its events come. */
  id: string;
  /** Whether events between what it asked for and this position are lost to it. */
  reset: boolean;
}

/** Whoever follows the events. Neither method may throw or take long. */
export interface Follower {
  /**
   * Called before any event, and again with `reset` where events were lost to it meanwhile, as to a bus that could not reach
   * its broker for long.
   */
  begin(position: StreamPosition): void;
  event(event: ServerEvent): void;
}

/**
 * Carries events from where they happen to whoever follows them. A driver is a file beside this one: in one process,
 * or over the store that several share.
 */
export interface EventBus {
  /** Never throws and never waits: what happened has happened, whether it can be told or not. */
  readonly publish: Publish;
  /**
   * Begins after a position, or now: first `begin`, then every event that is kept from after the position, then each
   * new one, without a gap and none twice. Answers a function that ends it.
   * @throws HitagiError STORE_UNREACHABLE where the events are in a store that does not answer
   */
  follow(after: string | undefined, follower: Follower): Promise<() => void>;
  /** Tells what was published and not told yet, where that can be done, and nothing more to anybody. */
  close(): Promise<void>;
}
