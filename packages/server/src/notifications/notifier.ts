import { setTimeout as delay } from "node:timers/promises";
import { HitagiError, type NotificationCause } from "@hitagi/contract";
import type { Logger } from "pino";
import { repeat, type StopRepeating } from "../async/repeat.ts";
import { type Outbox, outboxDocument, receiversDocument } from "./document.ts";
import { gather, gatherNew, makeMessages, secondsToNext } from "./outbox.ts";
import { type QueueMessagesDeps, queueMessages } from "./queue-messages.ts";
import type { Notifier } from "./types.ts";

/** What holds now of a cause that no event tells, each with its key. */
export type Check = () => Promise<ReadonlyMap<string, string>>;

export interface NotifierDeps extends QueueMessagesDeps {
  checks: Partial<Record<NotificationCause, Check>>;
  log: Pick<Logger, "warn">;
  /** Epoch seconds. */
  now: () => number;
}

/** Seconds between two looks at most. */
const LOOK_EVERY_S = 60;
/** Seconds between two checks of one cause. One node makes each check. */
const CHECK_EVERY_S = 3600;

export const isWanted = async (
  { documents }: Pick<NotifierDeps, "documents">,
  cause: NotificationCause,
): Promise<boolean> => {
  const { receivers } = (await documents.read(receiversDocument)).value;
  return receivers.some(({ causes }) => causes === undefined || causes.includes(cause));
};

/** Checks a cause if it is time, and gathers what is new. One node takes each check. */
const checkCause = async (
  { documents, now }: NotifierDeps,
  cause: NotificationCause,
  check: Check,
): Promise<void> => {
  const isDue = ({ lastChecked }: Outbox) => (lastChecked[cause] ?? 0) + CHECK_EVERY_S <= now();
  if (!isDue((await documents.read(outboxDocument)).value)) return;
  let isOurs = false;
  await documents.change(outboxDocument, ({ value }) => {
    isOurs = isDue(value);
    return isOurs ? { ...value, lastChecked: { ...value.lastChecked, [cause]: now() } } : value;
  });
  if (!isOurs) return;
  const found = await check();
  await documents.change(outboxDocument, ({ value }) => gatherNew(value, cause, found));
};

/**
 * Gathers what is new, and queues the messages for which it is time.
 * @returns seconds until the next message
 */
export const lookOnce = async (deps: NotifierDeps): Promise<number | undefined> => {
  const { documents, checks, now } = deps;
  for (const [cause, check] of Object.entries(checks) as [NotificationCause, Check][]) {
    if (await isWanted(deps, cause)) await checkCause(deps, cause, check);
  }
  const { value: seen } = await documents.read(outboxDocument);
  const made =
    makeMessages(seen, now()) === seen
      ? seen
      : (await documents.change(outboxDocument, ({ value }) => makeMessages(value, now()))).value;
  await queueMessages(deps, made);
  return secondsToNext(made, now());
};

export const createNotifier = (deps: NotifierDeps): Notifier => {
  const { documents, log } = deps;
  let stop: StopRepeating = async () => {};
  let waking = new AbortController();
  const telling = new Set<Promise<void>>();

  const wait = async (ms: number, signal: AbortSignal): Promise<void> => {
    const ends = AbortSignal.any([signal, waking.signal]);
    await delay(ms, undefined, { signal: ends, ref: false }).catch(() => {});
    if (waking.signal.aborted) waking = new AbortController();
  };
  const wake = (): void => waking.abort();
  const note = async (cause: NotificationCause, text: string): Promise<void> => {
    if (!(await isWanted(deps, cause))) return;
    await documents.change(outboxDocument, ({ value }) => gather(value, cause, [text]));
    wake();
  };

  return {
    tell: (cause, text) => {
      const told = note(cause, text)
        .catch((err: unknown) => log.warn({ err, cause, text }, "what is to be notified could not be stored"))
        .finally(() => telling.delete(told));
      telling.add(told);
    },
    wake,
    start: () => {
      stop = repeat(async () => Math.min(LOOK_EVERY_S, (await lookOnce(deps)) ?? LOOK_EVERY_S) * 1000, {
        everyMs: LOOK_EVERY_S * 1000,
        firstMs: 1000,
        onError: (err) => log.warn({ err }, "notifications could not be made; this is tried again"),
        wait,
      });
    },
    stop: async () => {
      await Promise.all(telling);
      await stop(new HitagiError("STOPPING"));
    },
  };
};
