import pLimit from "p-limit";
import { createLimitedProcess, type ProcessLimits } from "../child-process/limited-process.ts";
import { findBuilt } from "../disk/find-program.ts";
import type { FromDrawer, ToDrawer } from "./drawer-protocol.ts";

export const DRAWER_LIMITS: ProcessLimits = { maxMs: 10_000, maxMemory: 768 * 1024 * 1024 };

const HEAP_MB = 256;
/** Processes at once: a page that hangs holds up only half of the others. */
const PROCESSES = 2;

const program = (): string => findBuilt("thumbnail-drawer.js");

/** Why a page has no thumbnail. */
export class UndrawableError extends Error {}

export interface Drawing {
  /**
   * Reads a page and draws its thumbnail as JPEG, at most 500 × 1000 pixels, in its turn.
   * @throws UndrawableError with the reason as a part of a sentence; what `read` throws
   */
  draw(read: () => Promise<Uint8Array>): Promise<Buffer>;
  close(): void;
}

/** Draws thumbnails in processes with limits of time, memory and pixels. */
export const createDrawing = (limits: ProcessLimits = DRAWER_LIMITS): Drawing => {
  const all = Array.from({ length: PROCESSES }, () =>
    createLimitedProcess<ToDrawer, FromDrawer>({ ...limits, program, heapMb: HEAP_MB }),
  );
  const free = [...all];
  const inTurn = pLimit(PROCESSES);
  const drawIn = async (read: () => Promise<Uint8Array>): Promise<Buffer> => {
    const page = await read();
    // The one that worked last: the other one may have ended to free its memory.
    const drawer = free.pop();
    if (!drawer) throw new Error("more requests than processes");
    try {
      const reply = await drawer.ask({ page });
      if ("ended" in reply) throw new UndrawableError(reply.ended);
      if ("refused" in reply.answer) throw new UndrawableError(reply.answer.refused);
      return Buffer.from(reply.answer.thumbnail);
    } finally {
      free.push(drawer);
    }
  };
  return {
    draw: (read) => inTurn(() => drawIn(read)),
    close: () => {
      for (const drawer of all) drawer.end();
    },
  };
};
