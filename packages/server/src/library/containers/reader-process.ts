import { createFairTurns } from "../../async/fair-turns.ts";
import { createLimitedProcess, type ProcessLimits } from "../../child-process/limited-process.ts";
import { findBuilt } from "../../disk/find-program.ts";
import { type FromReader, ReaderFault, type ToReader } from "./reader-protocol.ts";

export const READER_LIMITS: ProcessLimits = { maxMs: 60_000, maxMemory: 1200 * 1024 * 1024 };

/** Megabytes of V8's heap, which PDFs fill. */
const HEAP_MB = 512;
/** Processes at once. They are shared fairly by the archives that are asked for: see createFairTurns. */
const PROCESSES = 2;

const program = (): string => findBuilt("archive-reader.js");

const isUnreadable = (reply: FromReader): boolean =>
  reply.kind === "fault" && reply.code === "ARCHIVE_UNREADABLE";

const createReader = (limits: ProcessLimits) => {
  const reader = createLimitedProcess<ToReader, FromReader>({
    ...limits,
    program,
    heapMb: HEAP_MB,
    endsAfter: isUnreadable,
  });
  /** The file of the last request, which the process holds open. */
  let identity = "";
  const ask = async (request: ToReader): Promise<FromReader> => {
    identity = request.identity;
    const reply = await reader.ask(request);
    const isSpent = "ended" in reply || isUnreadable(reply.answer);
    if (isSpent) identity = "";
    return "ended" in reply
      ? { kind: "fault", code: "ARCHIVE_UNREADABLE", reason: reply.ended }
      : reply.answer;
  };
  return { identity: () => identity, end: reader.end, ask };
};

/** Reads archives in processes with limits of time and memory. */
export interface ReaderProcesses {
  /** @throws ReaderFault */
  ask(request: ToReader): Promise<Exclude<FromReader, { kind: "fault" }>>;
  close(): void;
}

/** @param open makes one reader; a test gives its own */
export const createReaderProcesses = (
  limits: ProcessLimits = READER_LIMITS,
  open: (limits: ProcessLimits) => ReturnType<typeof createReader> = createReader,
): ReaderProcesses => {
  const free = Array.from({ length: PROCESSES }, () => open(limits));
  const all = [...free];
  const inTurn = createFairTurns(PROCESSES);
  return {
    ask: (request) =>
      inTurn(request.identity, async () => {
        const at = Math.max(
          0,
          free.findIndex((reader) => reader.identity() === request.identity),
        );
        const [reader] = free.splice(at, 1);
        if (!reader) throw new Error("more requests than processes");
        try {
          const reply = await reader.ask(request);
          if (reply.kind === "fault") throw new ReaderFault(reply.code, reply.reason);
          return reply;
        } finally {
          free.unshift(reader);
        }
      }),
    close: () => {
      for (const reader of all) reader.end();
    },
  };
};
