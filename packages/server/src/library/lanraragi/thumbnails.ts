import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Type } from "typebox";
import { Value } from "typebox/value";
import { createByteLimit } from "../../async/byte-limit.ts";
import { notLanraragi } from "./faults.ts";
import type { LanraragiServer } from "./server.ts";

/** Bytes of a thumbnail, and of an answer that names a job. */
const MAX_THUMBNAIL = 8 * 1024 * 1024;
/** Milliseconds between two looks at the job that makes a thumbnail, and how many there are. */
const LOOK_MS = 250;
const LOOKS = 40;

const Queued = Type.Object({ job: Type.Integer() });
const State = Type.Object({ state: Type.String() });

const jsonOf = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
};

const readAll = async (body: Readable): Promise<Buffer> => {
  const limit = createByteLimit(MAX_THUMBNAIL, () =>
    notLanraragi(`a thumbnail has more than ${MAX_THUMBNAIL} bytes`),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of limit.pass(body)) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** The thumbnails of a LANraragi server. It makes those that it does not have in jobs of its own. */
export const createRemoteThumbnails = (server: LanraragiServer) => {
  const ask = async (id: string, page: number, signal: AbortSignal) => {
    const query = new URLSearchParams({ no_fallback: "true", ...(page > 1 && { page: String(page) }) });
    const path = `archives/${id}/thumbnail?${query}`;
    // Hitagi and later versions say with 400, 404 or 500 that there is none.
    const request = { method: "GET", path, id, signal } as const;
    const { status, body } = await server.file(request, [202, 400, 404, 500]);
    return { status, bytes: await readAll(body) };
  };

  const jobEnded = async (job: number, signal: AbortSignal): Promise<void> => {
    for (let look = 0; look < LOOKS; look++) {
      const { body } = await server.json({ method: "GET", path: `minion/${job}`, signal });
      if (!Value.Check(State, body) || body.state === "finished" || body.state === "failed") return;
      await sleep(LOOK_MS, undefined, { signal });
    }
  };

  /**
   * The thumbnail of a page, made there if need be, within ten seconds.
   * @returns undefined if there is none
   * @throws what the server's calls throw, and an abort
   */
  return async (id: string, page: number, signal: AbortSignal): Promise<Buffer | undefined> => {
    const first = await ask(id, page, signal);
    const queued = first.status === 202 ? jsonOf(first.bytes) : undefined;
    if (Value.Check(Queued, queued)) await jobEnded(queued.job, signal);
    const last = first.status === 202 ? await ask(id, page, signal) : first;
    return last.status === 200 ? last.bytes : undefined;
  };
};
