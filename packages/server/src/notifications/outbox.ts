import { randomUUID } from "node:crypto";
import type { NotificationCause, NotificationMessage } from "@hitagi/contract";
import type { Outbox } from "./document.ts";

/** Seconds between two messages of one cause; what happens meanwhile is one message. */
export const MESSAGE_EVERY_S = 600;
/** Items that a message names; it counts the others. */
const MAX_ITEMS = 20;
const MAX_ITEM_LENGTH = 300;

const titles: Record<NotificationCause, (count: number) => string> = {
  jobs: (n) => (n === 1 ? "A batch or scheduled run failed" : `${n} batches or scheduled runs failed`),
  updates: (n) => (n === 1 ? "An update waits" : `${n} updates wait`),
  quarantine: (n) => (n === 1 ? "A plugin was quarantined" : `${n} plugins were quarantined`),
  library: (n) =>
    n === 1 ? "A file of the library cannot be used" : `${n} files of the library cannot be used`,
  registries: (n) =>
    n === 1 ? "A registry needs your attention" : `${n} things about registries need your attention`,
};

const cut = (text: string): string =>
  text.length > MAX_ITEM_LENGTH ? `${text.slice(0, MAX_ITEM_LENGTH - 1)}…` : text;

/** Notes what the next message of a cause tells. */
export const gather = (outbox: Outbox, cause: NotificationCause, texts: readonly string[]): Outbox => {
  if (texts.length === 0) return outbox;
  const { items, more } = outbox.gathered[cause] ?? { items: [], more: 0 };
  const added = texts.slice(0, MAX_ITEMS - items.length).map(cut);
  const gathered = { items: [...items, ...added], more: more + texts.length - added.length };
  return { ...outbox, gathered: { ...outbox.gathered, [cause]: gathered } };
};

/** Seconds until the next message of something that was gathered; undefined if nothing was. */
export const secondsToNext = ({ gathered, lastMade }: Outbox, now: number): number | undefined => {
  const waits = Object.keys(gathered).map((cause) => (lastMade[cause] ?? 0) + MESSAGE_EVERY_S - now);
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
};

/** Makes a message of each cause for which it is time. The same object where there is none. */
export const makeMessages = (outbox: Outbox, now: number): Outbox => {
  const due = (Object.keys(outbox.gathered) as NotificationCause[]).filter(
    (cause) => (outbox.lastMade[cause] ?? 0) + MESSAGE_EVERY_S <= now,
  );
  if (due.length === 0) return outbox;
  const messages = due.map((cause): NotificationMessage => {
    const { items, more } = outbox.gathered[cause] ?? { items: [], more: 0 };
    return { id: randomUUID(), cause, time: now, title: titles[cause](items.length + more), items, more };
  });
  return {
    ...outbox,
    gathered: Object.fromEntries(
      Object.entries(outbox.gathered).filter(([cause]) => !due.some((one) => one === cause)),
    ),
    lastMade: { ...outbox.lastMade, ...Object.fromEntries(due.map((cause) => [cause, now])) },
    made: [...outbox.made, ...messages],
  };
};

/**
 * Takes what holds now of a cause: what was not told yet is gathered, and what no longer holds is forgotten, so that it is told again
 * when it comes back.
 * @param found what holds, each with its key
 */
export const gatherNew = (
  outbox: Outbox,
  cause: NotificationCause,
  found: ReadonlyMap<string, string>,
): Outbox => {
  const told = new Set(outbox.told[cause]);
  const texts = [...found].flatMap(([key, text]) => (told.has(key) ? [] : [text]));
  const noted = { ...outbox, told: { ...outbox.told, [cause]: [...found.keys()] } };
  return gather(noted, cause, texts);
};
