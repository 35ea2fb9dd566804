import type { ServerEvent } from "@hitagi/contract";
import { expect, onTestFinished, test, vi } from "vitest";
import type { EventBody, EventBus, StreamPosition } from "../../src/events/types.ts";

export const archive = (n: number): EventBody => ({
  kind: "archive",
  action: "changed",
  archive: n.toString(16).padStart(40, "0"),
  title: `archive ${n}`,
});

/** Follows a bus until the test ends. */
export const following = async (bus: EventBus, after?: string) => {
  const events: ServerEvent[] = [];
  const begun: StreamPosition[] = [];
  const leave = await bus.follow(after, {
    begin: (position) => begun.push(position),
    event: (event) => {
      expect(begun.length, "the position comes first").toBeGreaterThan(0);
      events.push(event);
    },
  });
  onTestFinished(leave);
  const titles = () => events.map((e) => (e.kind === "archive" ? e.title : e.kind));
  /** Waits until it has heard so many. */
  const heard = (count: number) => vi.waitFor(() => expect(events.length).toBeGreaterThanOrEqual(count));
  return { events, begun, titles, heard, leave };
};

/**
 * What every event bus must do.
 * @param open a bus that keeps this many events
 */
export const busContract = (open: (kept: number) => Promise<EventBus>): void => {
  test("a follower hears what happens after it came, in order, until it leaves", async () => {
    const began = Date.now() / 1000;
    const bus = await open(10);
    bus.publish(archive(0));
    const { events, begun, titles, heard, leave } = await following(bus);
    expect(begun).toEqual([{ id: expect.any(String), reset: false }]);
    bus.publish(archive(1));
    bus.publish(archive(2));
    await heard(2);
    leave();
    bus.publish(archive(3));
    await (await following(bus)).leave();
    expect(titles()).toEqual(["archive 1", "archive 2"]);
    expect(new Set(events.map((e) => e.id)).size).toBe(2);
    for (const { time } of events) {
      expect(time).toBeGreaterThanOrEqual(began);
      expect(time).toBeLessThanOrEqual(Date.now() / 1000);
    }
  });

  test("one that comes back goes on after its last event: no gap, none twice", async () => {
    const bus = await open(10);
    const first = await following(bus);
    for (const n of [1, 2, 3]) bus.publish(archive(n));
    await first.heard(3);
    const second = await following(bus, first.events[0]?.id);
    expect(second.begun).toEqual([{ id: first.events[0]?.id, reset: false }]);
    bus.publish(archive(4));
    await second.heard(3);
    expect(second.titles()).toEqual(["archive 2", "archive 3", "archive 4"]);
    const third = await following(bus, first.begun[0]?.id);
    await third.heard(4);
    expect(third.titles()).toEqual(["archive 1", "archive 2", "archive 3", "archive 4"]);
  });

  test("a follower that begins at the position of now hears what happened since", async () => {
    const bus = await open(10);
    bus.publish(archive(1));
    await (await following(bus)).leave();
    const now = await bus.position();
    bus.publish(archive(2));
    const follower = await following(bus, now);
    bus.publish(archive(3));
    await follower.heard(2);
    expect(follower.begun).toEqual([{ id: now, reset: false }]);
    expect(follower.titles()).toEqual(["archive 2", "archive 3"]);
  });

  test("a position that is as old as what is kept goes on; an older one is reset", async () => {
    const bus = await open(3);
    const first = await following(bus);
    for (const n of [1, 2, 3, 4]) {
      bus.publish(archive(n));
      await first.heard(n);
    }
    const kept = await following(bus, first.events[0]?.id);
    expect([kept.begun[0]?.reset, ...kept.titles()]).toEqual([false, "archive 2", "archive 3", "archive 4"]);
    const old = await following(bus, first.begun[0]?.id);
    expect(old.begun).toEqual([{ id: first.events[3]?.id, reset: true }]);
    bus.publish(archive(5));
    await old.heard(1);
    expect(old.titles()).toEqual(["archive 5"]);
  });

  test("a position of another run, of the future or of nonsense is reset", async () => {
    const [bus, other] = [await open(3), await open(3)];
    const elsewhere = await following(other);
    other.publish(archive(1));
    bus.publish(archive(1));
    await elsewhere.heard(1);
    const here = await following(bus);
    const future = here.begun[0]?.id.replace(/\d+$/, "999") ?? "";
    for (const after of [elsewhere.events[0]?.id, future, "", "x", "-1", `${"9".repeat(60)}-1`]) {
      expect((await following(bus, after)).begun[0]?.reset, after).toBe(true);
    }
  });
};
