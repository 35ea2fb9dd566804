import path from "node:path";
import { type ErrorReport, HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { storeError } from "../disk/errors.ts";
import { openRegular } from "../disk/regular-files.ts";
import type { RestoreDeps } from "./check-content.ts";
import { type Restored, restoreBackup, type Undone, undoRestore } from "./restore.ts";
import { finishSwap } from "./swap.ts";
import {
  clearWaiting,
  readWaiting,
  removeOthers,
  type StoredRestore,
  waitingFolder,
  withWaiting,
  writeWaiting,
} from "./waiting.ts";

type Log = Pick<Logger, "info" | "warn" | "error">;

/** Starts that may end while they carry out one restore, as by too little memory. Then the server starts without it. */
const MAX_ATTEMPTS = 3;

const reportOf = ({ code, message, hint }: HitagiError): ErrorReport => ({ code, message, hint });

/** Whether a restore can succeed at a later start without a change of the backup: other servers ran, or the store was away. */
const isPassing = (e: HitagiError): boolean =>
  isHitagiError(e, "STORE_IN_USE", "STORE_COPY_BUSY", "STORE_UNREACHABLE");

/** Says what the owner may have to do after a restore or its undo. */
const warn = (log: Log, { otherKey, trustKept, wasDamaged }: Restored | Undone): void => {
  if (wasDamaged) log.warn("the replaced database is damaged, so that no undo puts it back");
  if (otherKey)
    log.warn(
      "the restore brought another API key back; if you changed the key because it leaked, change it again",
    );
  if (!trustKept)
    log.warn(
      "the replaced database could not be read, so the accepted heads of signed registries are those of the restored one",
    );
};

const carryOut = async (deps: RestoreDeps, { file, backup }: StoredRestore, log: Log): Promise<void> => {
  if (file === null) {
    const undone = await undoRestore(deps, { by: "server" });
    log.info({ setAside: undone.previous }, "the last restore was undone; what it had restored is set aside");
    return warn(log, undone);
  }
  const opened = await openRegular(path.join(waitingFolder(deps.folders), file));
  const restored = await restoreBackup(deps, opened, { force: true, by: "server" }).finally(() =>
    opened.close(),
  );
  log.info(
    { created: backup?.created, setAside: restored.previous },
    "the backup was restored; the replaced data is set aside",
  );
  warn(log, restored);
};

/** Notes why a start did not carry it out. */
const fail = async (
  deps: RestoreDeps,
  waiting: StoredRestore,
  error: HitagiError,
  log: Log,
): Promise<void> => {
  const passing = isPassing(error);
  const next = passing ? waiting : { ...waiting, state: "failed" as const, attempts: 0 };
  await writeWaiting(deps.folders, { ...next, failure: reportOf(error) });
  log.error(
    { err: error },
    passing
      ? "the restore could not be carried out, and waits for the next start"
      : "the restore failed, and nothing was changed",
  );
};

const attempt = async (deps: RestoreDeps, waiting: StoredRestore, log: Log): Promise<void> => {
  if (waiting.attempts >= MAX_ATTEMPTS)
    return fail(deps, waiting, new HitagiError("RESTORE_INTERRUPTED", { times: MAX_ATTEMPTS }), log);
  await writeWaiting(deps.folders, { ...waiting, attempts: waiting.attempts + 1 });
  try {
    await carryOut(deps, waiting, log);
  } catch (e) {
    // One that was decided is completed, or no server starts.
    await finishSwap(deps.folders);
    if (!(await readWaiting(deps.folders))) return log.info("the restore was completed");
    await fail(deps, waiting, storeError(e), log);
  }
};

/**
 * Carries out the restore that waits, before the store is opened. One that was not confirmed is deleted. If it fails, the server starts with
 * what it has, and the restore's record says why.
 * @throws HitagiError STORE_FAILED and the like where a restore that was decided cannot be completed
 */
export const carryOutWaiting = async (deps: RestoreDeps, log: Log): Promise<void> => {
  const { folders } = deps;
  await withWaiting(folders, async () => {
    const waiting = await readWaiting(folders);
    if (waiting?.state === "waiting") return attempt(deps, waiting, log);
    if (waiting?.state === "failed") {
      await removeOthers(folders, waiting);
      log.warn("a restore failed at an earlier start; the page and `hitagi restore --waiting` say why");
    } else await clearWaiting(folders);
  });
};
