import { readWaiting } from "../backup/waiting.ts";
import { localTime } from "../clock.ts";
import { type Check, note, wrong } from "./finding.ts";

/** A restore that the next start of the server carries out, or that failed. None is the usual case, and is not mentioned. */
export const checkWaitingRestore: Check = async ({ config }) => {
  const waiting = await readWaiting(config);
  if (!waiting) return [];
  const { state, backup, failure } = waiting;
  const what = backup
    ? `The backup of ${localTime(backup.created)}`
    : "The data that the last restore set aside";
  const cancel = "`hitagi restore --cancel` takes it back.";
  if (state === "failed")
    return [
      wrong(
        "restore",
        `${what} was not restored: ${failure?.message ?? ""}`,
        `${failure?.hint ?? ""} ${cancel}`,
      ),
    ];
  if (state === "checked")
    return [
      note(
        "restore",
        `${what} was sent, and is not restored until it is confirmed`,
        `Confirm it on the page, or take it back: \`hitagi restore --cancel\`.`,
      ),
    ];
  const why = failure ? `. The last start did not: ${failure.message}` : "";
  return [note("restore", `${what} replaces this data when the server starts the next time${why}`, cancel)];
};
