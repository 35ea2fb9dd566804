import { ApiError } from "@hitagi/contract";
import { useSyncExternalStore } from "react";
import { queries } from "../app/calls.ts";
import type { CallOutput } from "../app/client.ts";
import { sendFile } from "../app/send-file.ts";

/** A file that is sent to the library. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  state: "waiting" | "sending" | "checking" | "done" | "failed";
  /** Bytes that were sent. */
  sent: number;
  /** Why it was not taken in, and what to do. */
  error?: string;
  hint?: string;
  /** The archive's id: of a new one, or of the one that is there already. */
  archive?: string;
}

/** Files that are sent at once. */
const AT_ONCE = 2;

let uploads: readonly Upload[] = [];
const files = new Map<number, File>();
const watchers = new Set<() => void>();
let count = 0;

const publish = (next: readonly Upload[]): void => {
  uploads = next;
  for (const watcher of watchers) watcher();
};
const patch = (id: number, change: Partial<Upload>): void =>
  publish(uploads.map((one) => (one.id === id ? { ...one, ...change } : one)));

/** What the answer says of a file that was not taken in. */
const faultOf = (thrown: unknown): Partial<Upload> => {
  if (!(thrown instanceof ApiError)) return {};
  const { id, error, hint } = thrown.failure as { id?: string; error?: string; hint?: string };
  return {
    ...(id !== undefined && { archive: id }),
    ...(error !== undefined && { error }),
    ...(hint !== undefined && { hint }),
  };
};

/** Sends one file, and notes what became of it. */
const send = async (id: number, file: File): Promise<void> => {
  try {
    const answer = await sendFile(file, {
      ...{ method: "PUT", address: "/api/archives/upload" },
      // The answer need not wait for the plugins.
      headers: { prefer: "respond-async" },
      onSent: (sent) => patch(id, { sent }),
      onAllSent: () => patch(id, { state: "checking" }),
    });
    patch(id, { state: "done", sent: file.size, archive: (answer as CallOutput<"uploadArchive">).id });
  } catch (thrown) {
    patch(id, { state: "failed", ...faultOf(thrown) });
  }
};

const next = (): void => {
  const busy = uploads.filter(({ state }) => state === "sending" || state === "checking").length;
  const waiting = uploads.filter(({ state }) => state === "waiting").slice(0, AT_ONCE - busy);
  for (const { id } of waiting) {
    const file = files.get(id);
    if (!file) continue;
    patch(id, { state: "sending" });
    void send(id, file).then(() => {
      void queries.invalidateQueries({ queryKey: ["searchArchives"] });
      next();
    });
  }
};

/** Adds files to the queue. It goes on while one looks at other pages. */
export const addUploads = (chosen: Iterable<File>): void => {
  const added = [...chosen].map((file): Upload => {
    const id = ++count;
    files.set(id, file);
    return { id, name: file.name, size: file.size, state: "waiting", sent: 0 };
  });
  publish([...uploads, ...added]);
  next();
};

/** Sends a file again that was not taken in. */
export const retryUpload = (id: number): void => {
  publish(
    uploads.map((one) =>
      one.id === id ? { id, name: one.name, size: one.size, state: "waiting", sent: 0 } : one,
    ),
  );
  next();
};

/** Takes the uploads that have ended off the list. */
export const clearUploads = (): void => {
  for (const { id, state } of uploads) if (state === "done" || state === "failed") files.delete(id);
  publish(uploads.filter(({ state }) => state !== "done" && state !== "failed"));
};

const watch = (watcher: () => void) => {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
};

export const useUploads = (): readonly Upload[] => useSyncExternalStore(watch, () => uploads);
