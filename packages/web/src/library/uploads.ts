import { useSyncExternalStore } from "react";
import { queries } from "../app/calls.ts";
import { csrfHeaders } from "../app/client.ts";

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

interface Answer {
  id?: string;
  error?: string;
  hint?: string;
}

const answerOf = (text: string): Answer => {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return {};
  }
};

/** Sends one file. XMLHttpRequest tells how much was sent; fetch does not. */
const send = (id: number, file: File): Promise<void> =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", "/api/archives/upload");
    // The answer need not wait for the plugins.
    const headers = { prefer: "respond-async", ...csrfHeaders() };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => patch(id, { sent: loaded });
    request.upload.onload = () => patch(id, { state: "checking" });
    request.onloadend = () => {
      const answer = answerOf(request.responseText);
      const archive = answer.id === undefined ? {} : { archive: answer.id };
      if (request.status === 200) patch(id, { state: "done", sent: file.size, ...archive });
      else
        patch(id, {
          state: "failed",
          ...archive,
          ...(answer.error !== undefined && { error: answer.error }),
          ...(answer.hint !== undefined && { hint: answer.hint }),
        });
      resolve();
    };
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });

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
