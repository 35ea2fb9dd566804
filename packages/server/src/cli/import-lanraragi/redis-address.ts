import type { RedisOptions } from "ioredis";
import { parseRedisAddress, withCertificates } from "../../store/redis/address.ts";
import { UsageError } from "../failure.ts";

/**
 * Connection options for an address in the form of `HITAGI_STORE`. The default database is LANraragi's.
 * @throws UsageError, also for an address with a password, which every user of the machine could read
 */
export const redisOptions = (text: string, password: string | undefined, ca?: string): RedisOptions => {
  const address = parseRedisAddress(text);
  if ("fault" in address) {
    throw new UsageError(
      `This is not the address of a Redis: ${address.fault}.`,
      "Use a form like redis://127.0.0.1:6379, rediss://host:6380 or redis+unix:///run/redis.sock.",
    );
  }
  if (address.options.password) {
    throw new UsageError(
      "The address contains a password, which process lists show.",
      "Give the password on standard input with --password-stdin.",
    );
  }
  const { options, certificate } = address;
  return { ...withCertificates(options, { certificate, ca }), ...(password && { password }) };
};
