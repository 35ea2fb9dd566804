import type { RedisOptions } from "ioredis";
import { UsageError } from "../failure.ts";

/** The database that LANraragi keeps its configuration in. */
const CONFIGURATION = 2;

const wrong = (message: string) =>
  new UsageError(
    message,
    "Write it like redis://127.0.0.1:6379, rediss://host:6380 or redis+unix:///run/redis.sock.",
  );

/**
 * What an address such as `redis://user@host:port/2` leads to; without a database in it, LANraragi's.
 * @throws UsageError, also for an address with a password in it, which every user of the machine could read
 */
export const redisOptions = (text: string, password: string | undefined): RedisOptions => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^redis(s|\+unix)?:$/.test(url.protocol)) throw wrong("That is not the address of a Redis.");
  if (url.password) {
    throw new UsageError(
      "The address has a password in it, which process lists show.",
      "Leave it out and give it on standard input with --password-stdin.",
    );
  }
  const secrets = {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(password && { password }),
  };
  if (url.protocol === "redis+unix:") {
    const db = Number(url.searchParams.get("db") ?? CONFIGURATION);
    return { path: decodeURIComponent(url.pathname), db, ...secrets };
  }
  const db = /^\/(\d{1,4})$/.exec(url.pathname)?.[1];
  if (db === undefined && !/^\/?$/.test(url.pathname))
    throw wrong("Its path is not the number of a database.");
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 6379),
    db: Number(db ?? CONFIGURATION),
    ...(url.protocol === "rediss:" && { tls: {} }),
    ...secrets,
  };
};
