import type { EventKind, OperationId, StreamMessage } from "@hitagi/contract";
import { useSyncExternalStore } from "react";
import { queries } from "./calls.ts";
import { client, codeOf, isUnreachable } from "./client.ts";

/** The calls whose answers an event of a kind may have changed. */
const concerned: Record<EventKind, readonly OperationId[]> = {
  job: [
    "listJobs",
    "getJob",
    "getJobDetail",
    "listBatches",
    "getBatch",
    "listHistory",
    "listSchedules",
    "listPluginLog",
    "getNetworkLog",
    "listReceivers",
  ],
  plugin: [
    "listPlugins",
    "listInstalled",
    "getInstalled",
    "getSettings",
    "listKeptVersions",
    "getNetworkLog",
    "listUpdates",
    "searchAvailable",
    "listOffered",
    "getAvailable",
    "getChain",
    "getHealth",
    "getUpdatePolicy",
    "getBlockLists",
    "listSchedules",
    "listHistory",
  ],
  registry: [
    "listRegistries",
    "getRegistry",
    "getDefaultRegistry",
    "listEvidence",
    "listInstalled",
    "getInstalled",
    "searchAvailable",
    "listOffered",
    "getAvailable",
    "listUpdates",
    "previewInstall",
    "previewUpgrade",
    "listHistory",
  ],
  archive: [
    "listArchives",
    "searchArchives",
    "getArchiveMetadata",
    "listLibraryProblems",
    "getInfo",
    "listSchedules",
    "listHistory",
  ],
  schedule: ["listSchedules", "listHistory"],
  policy: [
    "getFieldPolicy",
    "getTagRules",
    "getUpdatePolicy",
    "getInstallPolicy",
    "getSignaturePolicy",
    "getBlockLists",
    "previewInstall",
    "previewUpgrade",
    "listRegistries",
    "getRegistry",
    "listInstalled",
    "getInstalled",
    "getChain",
    "searchAvailable",
    "getAvailable",
    "listHistory",
  ],
  server: ["listKeys", "listSessions", "listReceivers", "getRestore", "listHistory"],
};

/** Events arrive in bursts. What they concern is gathered for so many milliseconds. */
const GATHER_MS = 150;

type Listener = (message: StreamMessage) => void;
const listeners = new Set<Listener>();

/** Calls a listener with each event, such as the progress of a job. @returns removes the listener */
export const onEvent = (listener: Listener): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

let isLost = false;
const watchers = new Set<() => void>();
const setLost = (lost: boolean): void => {
  if (lost === isLost) return;
  isLost = lost;
  for (const watcher of watchers) watcher();
};
const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};

/** Whether the server does not answer at the moment. */
export const useLost = (): boolean => useSyncExternalStore(watch, () => isLost);

/**
 * Asks again for what the page shows of a call, or of all calls. A first answer that is still to come may be older than the
 * event, so it is asked for again when it is there.
 */
const invalidate = (call?: OperationId): void => {
  const queryKey = call === undefined ? [] : [call];
  for (const query of queries.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" })) {
    if (query.state.data !== undefined) continue;
    const again = () => queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
    void query.promise?.then(again, () => {});
  }
  void queries.invalidateQueries({ queryKey });
};

const gathered = new Set<OperationId>();
let timer: ReturnType<typeof setTimeout> | undefined;
const invalidateSoon = (calls: readonly OperationId[]): void => {
  for (const call of calls) gathered.add(call);
  if (timer !== undefined) return;
  timer = setTimeout(() => {
    timer = undefined;
    const now = [...gathered];
    gathered.clear();
    for (const call of now) invalidate(call);
  }, GATHER_MS);
};

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const done = setTimeout(resolve, ms);
    const end = (): void => {
      clearTimeout(done);
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
  });

const MIN_PAUSE_MS = 300;
const MAX_PAUSE_MS = 5000;

/** A stream that broke is opened again; the server is lost where that fails. */
const openStream = (after: string | undefined, signal: AbortSignal) =>
  client
    .streamEvents({ query: { ...(after !== undefined && { after }) }, signal })
    .catch((error: unknown) => {
      if (isUnreachable(error) && !signal.aborted) setLost(true);
      throw error;
    });

/**
 * Follows the server's events until the signal aborts, and goes on after each break where the stream ended. After a break, the
 * page asks again for everything that it shows.
 * @param after the position from before the page asked for anything
 */
export const followEvents = async (after: string | undefined, signal: AbortSignal): Promise<void> => {
  let at = after;
  let wait = MIN_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const messages = await openStream(at, signal);
      for await (const message of messages) {
        at = message.id;
        wait = MIN_PAUSE_MS;
        if (message.kind === "ready" || message.kind === "reset") {
          if (isLost || message.kind === "reset") invalidate();
          setLost(false);
        } else {
          invalidateSoon(concerned[message.kind]);
        }
        for (const listener of listeners) listener(message);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (codeOf(error) === "UNAUTHORIZED")
        return void queries.invalidateQueries({ queryKey: ["getSession"] });
    }
    await pause(wait, signal);
    wait = Math.min(wait * 1.6, MAX_PAUSE_MS);
  }
};
