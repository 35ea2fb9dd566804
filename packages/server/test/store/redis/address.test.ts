import { expect, test } from "vitest";
import { readConfig } from "../../../src/config/config.ts";
import { parseRedisAddress } from "../../../src/store/redis/address.ts";

test.each([
  ["redis://127.0.0.1", { host: "127.0.0.1", port: 6379, db: 2 }],
  ["redis://cache:6380/7", { host: "cache", port: 6380, db: 7 }],
  ["redis://:pass@cache/0", { host: "cache", port: 6379, db: 0, password: "pass" }],
  [
    "redis://me:p%40s:s%2F@[::1]:6380/2",
    { host: "::1", port: 6380, db: 2, username: "me", password: "p@s:s/" },
  ],
  ["rediss://cache/2", { host: "cache", port: 6379, db: 2, tls: { servername: "cache" } }],
  ["rediss://127.0.0.1:6380/2", { host: "127.0.0.1", port: 6380, db: 2, tls: {} }],
  [
    "rediss+sentinel://a/1?master=m",
    {
      sentinels: [{ host: "a", port: 26_379 }],
      name: "m",
      db: 1,
      tls: {},
      sentinelTLS: {},
      enableTLSForSentinelMode: true,
    },
  ],
  ["redis+unix:///run/redis.sock", { path: "/run/redis.sock", db: 2 }],
  ["redis+unix://:p@/run/a%20b.sock?db=4", { path: "/run/a b.sock", db: 4, password: "p" }],
  [
    "redis+sentinel://u:p@a:1,b/3?master=main&sentinel_password=q",
    {
      sentinels: [
        { host: "a", port: 1 },
        { host: "b", port: 26_379 },
      ],
      name: "main",
      db: 3,
      username: "u",
      password: "p",
      sentinelPassword: "q",
    },
  ],
])("%s is understood", (address, options) => {
  expect(parseRedisAddress(address)).toEqual({ options });
});

test.each([
  "redis:cache",
  "redis://",
  "redis://cache/two",
  "redis://cache:0/2",
  "redis://cache:99999/2",
  "redis://a b/2",
  "rediss://cache/2?cert=/c.pem",
  "redis://cache/2?cert=/c.pem&key=/k.pem",
  "redis://me:%zz@cache/2",
  "redis://p@ss@cache/2",
  "redis+unix://run/redis.sock",
  "redis+sentinel://a,b/2",
  "rediss+unix:///x",
])("%s is refused with the reason, when the configuration is read", (address) => {
  expect(parseRedisAddress(address)).toEqual({ fault: expect.any(String) });
  expect(() => readConfig({ store: address }, {})).toThrowError(
    expect.objectContaining({
      code: "CONFIG_INVALID",
      params: expect.objectContaining({ name: "HITAGI_STORE" }),
    }),
  );
});

test("a refusal does not show the password", () => {
  const refusal = (() => {
    try {
      return readConfig({ store: "redis://me:hunter22@cache/two" }, {});
    } catch (e) {
      return e;
    }
  })();
  expect(String(refusal)).not.toContain("hunter22");
});
