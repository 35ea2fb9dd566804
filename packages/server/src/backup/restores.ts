import type { Readable } from "node:stream";
import { HitagiError, type RestoreState } from "@hitagi/contract";
import type { RestoreDeps } from "./check-content.ts";
import { discardPreviousStates, listPreviousStates } from "./set-aside.ts";
import {
  clearWaiting,
  readWaiting,
  type StoredRestore,
  shownRestore,
  withWaiting,
  writeWaiting,
} from "./waiting.ts";

/** The restores of a server from which it does not have to stop at once. Each change gives the state after it. */
export interface Restores {
  state(): Promise<Restoring>;
  /** Keeps a backup in the place of an earlier one. @throws HitagiError RESTORE_BUSY, BACKUP_INVALID, STORE_NEWER, DISK_FULL */
  receive(stream: Readable, options?: Receiving): Promise<Restoring>;
  /** Has the next start restore what was received. @throws HitagiError RESTORE_BUSY, NO_WAITING_RESTORE */
  confirm(): Promise<Restoring>;
  /** Has the next start put back what was set aside last. @throws HitagiError RESTORE_BUSY, NOTHING_SET_ASIDE */
  undo(): Promise<Restoring>;
  /** @throws HitagiError RESTORE_BUSY */
  cancel(): Promise<Restoring>;
  /** Deletes what was set aside. @throws HitagiError RESTORE_BUSY */
  discard(): Promise<Restoring>;
}

/** Read when the stream has ended. */
interface Receiving {
  /** Whether the backup is confirmed at once. */
  confirm?: boolean | undefined;
}

type Restoring = Omit<RestoreState, "other_servers">;

/** The time of an id of previous data, such as `2026-11-30T03-21-09-435Z`. */
const timeOf = (id: string): number =>
  Math.floor(Date.parse(id.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d+)Z/, "T$1:$2:$3.$4Z")) / 1000);

interface RestoresDeps extends RestoreDeps {
  /** Epoch seconds. */
  now(): number;
  /** Called after each change. */
  onChange(): void;
}

export const createRestores = (deps: RestoresDeps): Restores => {
  const { folders, now, onChange } = deps;
  const state = async (): Promise<Restoring> => {
    const waiting = await readWaiting(folders);
    const aside = await listPreviousStates(folders);
    return { restore: waiting ? shownRestore(waiting) : null, set_aside: aside.map(timeOf) };
  };
  const fresh = (): Pick<StoredRestore, "since" | "failure" | "attempts"> => ({
    since: Math.floor(now()),
    failure: null,
    attempts: 0,
  });
  const change = (work: () => Promise<void>): Promise<Restoring> =>
    withWaiting(folders, async () => {
      await work();
      onChange();
      return state();
    });
  return {
    state,
    receive: (stream, options = {}) =>
      change(async () => {
        // Seldom used, and tar is large.
        const { receiveBackup } = await import("./receive.ts");
        const received = await receiveBackup(deps, stream);
        const state = options.confirm === true ? "waiting" : "checked";
        await writeWaiting(folders, { state, ...fresh(), ...received });
      }),
    confirm: () =>
      change(async () => {
        const waiting = await readWaiting(folders);
        if (!waiting) throw new HitagiError("NO_WAITING_RESTORE");
        await writeWaiting(folders, { ...waiting, state: "waiting", failure: null, attempts: 0 });
      }),
    undo: () =>
      change(async () => {
        if ((await listPreviousStates(folders)).length === 0) throw new HitagiError("NOTHING_SET_ASIDE");
        await writeWaiting(folders, { state: "waiting", ...fresh(), backup: null, file: null });
      }),
    cancel: () => change(() => clearWaiting(folders)),
    discard: () =>
      change(async () => {
        if ((await readWaiting(folders))?.backup === null) await clearWaiting(folders);
        await discardPreviousStates(folders);
      }),
  };
};
