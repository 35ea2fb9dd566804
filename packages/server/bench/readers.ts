import { pino } from "pino";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { startServer } from "../src/app/listen.ts";
import { readConfig } from "../src/config/config.ts";
import { counted, type Row } from "./measure.ts";
import { API_KEY } from "./server.ts";

/** The readers, and how many of them one key may have. */
const [READERS, READERS_OF_KEY] = [64, 16];
const [PER_SECOND, SECONDS, TICK_MS] = [1000, 5, 20];
const EVENTS = PER_SECOND * SECONDS;

/** The last value of a field in the text of a stream; undefined where it is not whole. */
const lastOf = (text: string, pattern: RegExp): string | undefined => [...text.matchAll(pattern)].at(-1)?.[1];

/** Bytes that an event has at most. */
const EVENT_BYTES = 400;

/** Reads until the last event has come. A reader that is cut off because it is behind goes on at its position, as a browser does. */
const readAll = async (url: string, key: string, ready: () => void): Promise<void> => {
  const authorization = `Bearer ${Buffer.from(key).toString("base64")}`;
  let at: string | undefined;
  for (let last = -1; last < EVENTS - 1; ) {
    const headers = { authorization, ...(at !== undefined && { "last-event-id": at }) };
    const { body, status } = await fetch(`${url}/api/events?kind=registry`, { headers });
    if (status !== 200 || !body) throw new Error(`the events were answered with ${status}`);
    let rest = "";
    const read = async () => {
      for await (const chunk of body) {
        const text = rest + Buffer.from(chunk).toString("latin1");
        if (at === undefined && text.includes("event: ready")) ready();
        at = lastOf(text, /^id: (\S+)\n/gm) ?? at;
        last = Number(lastOf(text, /"outcome":"bench (\d+)"/g) ?? last);
        if (last === EVENTS - 1) return;
        rest = text.slice(-EVENT_BYTES);
      }
    };
    await read().catch(() => {});
    await body.cancel().catch(() => {});
  }
};

/**
 * A thousand events a second to 64 readers over HTTP, all in one process: how long they took to arrive, against the time in which
 * they were published.
 */
export const benchReaders = async (): Promise<Row[]> => {
  const settings = { data: ownFolder("hitagi-bench-"), port: "0", apiKey: API_KEY };
  const server = await startServer(readConfig(settings, {}), pino({ level: "silent" }));
  try {
    let begun: () => void = () => {};
    let left = READERS;
    const allReady = new Promise<void>((resolve) => {
      begun = () => {
        if (--left === 0) resolve();
      };
    });
    const keys = [...Array(READERS / READERS_OF_KEY).keys()].map((n) =>
      server.services.keys.create({ name: `reader ${n}`, scope: "read" }),
    );
    const named = (await Promise.all(keys)).flatMap(({ key }) => Array(READERS_OF_KEY).fill(key) as string[]);
    const reading = Promise.all(named.map((key) => readAll(server.address, key, begun)));
    await Promise.race([allReady, reading]);
    const since = performance.now();
    let published = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(EVENTS, Math.floor(((performance.now() - since) / 1000) * PER_SECOND));
        for (; published < due; published++)
          server.services.events.publish({
            ...{ kind: "registry", action: "refreshed" },
            ...{ registry: "REG_0000000001", outcome: `bench ${published}` },
          });
        if (published < EVENTS) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
    const publishing = performance.now() - since;
    await reading;
    const value = (performance.now() - since) / publishing;
    const name = `${PER_SECOND.toLocaleString("en")} events a second to ${READERS} readers, until all arrived`;
    return [counted("readers", name, "times the publishing", value)];
  } finally {
    await server.stop();
  }
};
