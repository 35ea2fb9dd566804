import type { Client, Output } from "@hitagi/contract";
import { Redis } from "ioredis";
import { expect, onTestFinished, vi } from "vitest";
import type { RedisServer } from "../../support/redis-process.ts";
import type { ServeProcess } from "../../support/serve-process.ts";

type Health = Output<"getHealth">;

/** Settings with which a crash loses no acknowledged change. */
export const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];

/** A client with all rights, whose user no server has. */
export const adminOf = async ({ socket }: Pick<RedisServer, "socket">): Promise<Redis> => {
  const root = new Redis({ path: socket });
  await root.call("ACL", "SETUSER", "admin", "on", ">pw", "~*", "&*", "+@all");
  root.disconnect();
  const client = new Redis({ path: socket, username: "admin", password: "pw" });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
};

/** A server's health, and the HTTP status of the answer. */
export const healthOf = async ({ address }: ServeProcess): Promise<Health & { http: number }> => {
  const answer = await fetch(`${address}/healthz`);
  return { ...((await answer.json()) as Health), http: answer.status };
};

/** Waits until a server says that its store is well. */
export const isWell = (server: ServeProcess): Promise<void> =>
  vi.waitFor(async () => expect(await healthOf(server)).toMatchObject({ http: 200, store: "ok" }), {
    interval: 50,
  });

/** The names of the registries. */
export const names = async (client: Client): Promise<string[]> =>
  (await client.listRegistries({})).registries.map(({ name }) => name);

export const create = (client: Client, name: string) =>
  client.createRegistry({ body: { name, provider: "local", path: "/r" } });
