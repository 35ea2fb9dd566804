import type { ServerEvent } from "@hitagi/contract";
import { unchanged, wrapMethods } from "../wrap-methods.ts";

type Body<E> = E extends unknown ? Omit<E, "id" | "time"> : never;

/** An event without its position and time, which the bus adds. */
export type EventBody = Body<ServerEvent>;

export type Publish = (event: EventBody) => void;

/** Where a follower begins. */
export interface StreamPosition {
  /** The position after which its events come. */
  id: string;
  /** Whether events before this position are lost to it. */
  reset: boolean;
}

/** Neither method may throw or take long. */
export interface Follower {
  /** Called before any event, and again with `reset` where events were lost meanwhile. */
  begin(position: StreamPosition): void;
  event(event: ServerEvent): void;
}

/** Carries events to their followers. A driver is a file beside this one: in one process, or over a shared store. */
export interface EventBus {
  /** Never throws and never waits, because the event has already happened. */
  readonly publish: Publish;
  /**
   * Calls `begin`, then hands on every kept event after the position, then each new one, without a gap and none twice.
   * @param after a position; undefined for now
   * @returns ends it
   * @throws HitagiError STORE_UNREACHABLE
   */
  follow(after: string | undefined, follower: Follower): Promise<() => void>;
  /**
   * The position of now: a follower that begins at it misses nothing of what is read after this answer.
   * @throws HitagiError STORE_UNREACHABLE
   */
  position(): Promise<string>;
  /** Sends what was published and is not sent yet, where the store can be reached, and hands on nothing more. */
  close(): Promise<void>;
}

/** Called with each event that this server publishes. It must not throw or take long. */
export type EventObserver = (event: EventBody) => void;

/** A bus that calls observers with the events of this server; other servers have observers of their own. */
export const observeEvents = (bus: EventBus, observers: readonly EventObserver[]): EventBus =>
  wrapMethods(bus, {
    publish: (publish) => (event) => {
      publish(event);
      for (const observe of observers) observe(event);
    },
    ...unchanged("follow", "position", "close"),
  });
