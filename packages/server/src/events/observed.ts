import type { EventBody, EventBus } from "./types.ts";

/** Told of an event as it happens. It must not throw or take long. */
export type EventObserver = (event: EventBody) => void;

/**
 * A bus whose observers are told of what happens on this server, each time once. Of what the bus brings from other servers
 * they hear nothing: those have observers of their own.
 */
export const observeEvents = (bus: EventBus, observers: readonly EventObserver[]): EventBus => ({
  ...bus,
  publish: (event) => {
    bus.publish(event);
    for (const observe of observers) observe(event);
  },
});
