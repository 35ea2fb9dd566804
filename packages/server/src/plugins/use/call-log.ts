import { randomBytes } from "node:crypto";
import { isHitagiError, type Namespace } from "@hitagi/contract";
import type { WriteLogLine } from "../../plugin-logs/types.ts";
import type { LoggedLine } from "../../runtimes/types.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import type { UseRequest } from "../types.ts";

/** The log of one call. */
export interface CallLog {
  line(line: LoggedLine): void;
  /** Logs why the call failed. A call that was cancelled has not failed. @param stack the frames of what the plugin threw, if it threw */
  failed(error: unknown, stack: string | undefined): void;
}

/** Logs a call: each line with the call, its job and its archive. */
export const createCallLog = (
  write: WriteLogLine,
  plugin: Namespace,
  archive: Pick<ArchiveRecord, "id" | "title"> | undefined,
  { job, observer }: Pick<UseRequest, "job" | "observer">,
): CallLog => {
  let call: string | undefined;
  const line = ({ level, text }: LoggedLine): void => {
    // Only with the first line: most calls log nothing, and a random id takes longer than the rest of a small call.
    call ??= randomBytes(6).toString("hex");
    const about = archive ? { id: archive.id, title: archive.title } : null;
    write({ plugin, call, job: job ?? null, archive: about, level, text });
    observer?.onLine({ level, text });
  };
  return {
    line,
    failed: (error, stack) => {
      if (!isHitagiError(error) || error.code === "PLUGIN_CANCELLED") return;
      const message = `The call failed (${error.code}): ${error.message}`;
      line({ level: "error", text: stack ? `${message}\n${stack}` : message });
    },
  };
};
