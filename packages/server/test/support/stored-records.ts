import path from "node:path";
import { Writable } from "node:stream";
import { type Client, createClient } from "@hitagi/contract";
import { DatabaseSync } from "@photostructure/sqlite";
import { Redis } from "ioredis";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { runCaptured } from "../cli/cli-world.ts";
import type { RedisServer } from "./redis-process.ts";
import { tempFolder } from "./temp-folder.ts";

export const KEY = "the-key-of-a-test";

/** A server whose store another program writes. */
export interface StoredWorld {
  data: string;
  library: string;
  /** Starts the server, on the same data each time. */
  serve(): Promise<{
    address: string;
    client: Client;
    /** The lines of its log that tell of a record. */
    told(): string[];
    stop(): Promise<void>;
  }>;
  /** What `hitagi doctor` finds wrong with records. */
  doctor(address?: string): Promise<Finding[]>;
}

/** Uploads an archive to a server; answers its id. */
export const upload = async (client: Client, filename: string, bytes: Buffer): Promise<string> => {
  const file = new Blob([new Uint8Array(bytes)]);
  return (await client.uploadArchive({ file, filename, body: {} })).id;
};

const world = async (store: string): Promise<StoredWorld> => {
  const data = await tempFolder();
  const library = path.join(data, "library");
  const settings = { data, store, library, apiKey: KEY, port: "0", warm: "0" };
  return {
    data,
    library,
    serve: async () => {
      const lines: string[] = [];
      const out = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          lines.push(...chunk.toString("utf8").split("\n"));
          done();
        },
      });
      const { address, stop } = await startServer(readConfig(settings, {}), pino({ level: "warn" }, out));
      onTestFinished(stop);
      const client = createClient(address, KEY);
      return { address, client, stop, told: () => lines.filter((line) => line.includes("is left out")) };
    },
    doctor: async (address = "http://127.0.0.1:9") => {
      const env = {
        ...{ HITAGI_DATA: data, HITAGI_STORE: store, HITAGI_LIBRARY: library, HITAGI_API_KEY: KEY },
        ...{ HITAGI_SERVER: address, HITAGI_PORT: "0", PATH: process.env.PATH ?? "" },
      };
      const { json } = await runCaptured(["doctor", "--json"], { env });
      return (json as Finding[]).filter(({ check, state }) => check === "records" && state === "wrong");
    },
  };
};

/** A server on SQLite, and how another program changes its database while the server is stopped. */
export const onSqlite = async () => {
  const file = path.join(await tempFolder(), "hitagi.db");
  const change = (sql: string, ...values: (string | number | null)[]): void => {
    const db = new DatabaseSync(file);
    try {
      db.prepare(sql).run(...values);
    } finally {
      db.close();
    }
  };
  return { ...(await world(`sqlite:${file}`)), change };
};

/** A server on a Redis, and a client of another program. */
export const onRedis = async (server: RedisServer, db: number) => {
  const redis = new Redis({ path: server.socket, db });
  onTestFinished(() => redis.disconnect());
  await redis.flushdb();
  return { ...(await world(server.address(db))), redis };
};
