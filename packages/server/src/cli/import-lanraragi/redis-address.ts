import type { RedisOptions } from "ioredis";
import { parseRedisAddress, withCertificates } from "../../store/redis/address.ts";
import { UsageError } from "../failure.ts";

/**
 * What an address leads to, in the forms that `HITAGI_STORE` takes; without a database in it, to LANraragi's
 * configuration.
 * @throws UsageError, also for an address with a password in it, which every user of the machine could read
 */
export const redisOptions = (text: string, password: string | undefined, ca?: string): RedisOptions => {
  const address = parseRedisAddress(text);
  if ("fault" in address) {
    throw new UsageError(
      `That is no address of a Redis: ${address.fault}.`,
      "Write it like redis://127.0.0.1:6379, rediss://host:6380 or redis+unix:///run/redis.sock.",
    );
  }
  if (address.options.password) {
    throw new UsageError(
      "The address has a password in it, which process lists show.",
      "Leave it out and give it on standard input with --password-stdin.",
    );
  }
  const { options, certificate } = address;
  return { ...withCertificates(options, { certificate, ca }), ...(password && { password }) };
};
