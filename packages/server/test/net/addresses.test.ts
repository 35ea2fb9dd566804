import type { LookupAddress, LookupOptions } from "node:dns";
import os from "node:os";
import fc from "fast-check";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  allowedAddresses,
  isPublic,
  isReachable,
  lookupAll,
  publicLookup,
  readAddress,
} from "../../src/net/addresses.ts";
import { live } from "../runtimes/broker/fixture.ts";

test.each([
  ["loopback", "127.0.0.1"],
  ["loopback", "127.200.0.1"],
  ["loopback, IPv6", "::1"],
  ["unspecified", "0.0.0.0"],
  ["unspecified, IPv6", "::"],
  ["private", "10.1.2.3"],
  ["private", "172.31.255.255"],
  ["private", "192.168.0.1"],
  ["link-local, where clouds keep credentials", "169.254.169.254"],
  ["link-local, IPv6", "fe80::1"],
  ["link-local with a zone", "fe80::1%eth0"],
  ["unique local", "fd00::1"],
  ["carrier-grade NAT", "100.64.0.1"],
  ["multicast", "224.0.0.1"],
  ["multicast, IPv6", "ff02::1"],
  ["broadcast", "255.255.255.255"],
  ["reserved", "240.0.0.1"],
  ["benchmarking", "198.18.0.1"],
  ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
  ["IPv4-mapped private", "::ffff:a00:1"],
  ["IPv4-compatible loopback", "::127.0.0.1"],
  ["NAT64 of a private address", "64:ff9b::192.168.0.1"],
  ["NAT64 for local use", "64:ff9b:1::1"],
  ["6to4", "2002:7f00:1::1"],
  ["Teredo", "2001:0:7f00:1::"],
  ["site-local", "fec0::1"],
  ["documentation", "2001:db8::1"],
  ["not an address", "example.org"],
])("%s: a public name may not lead to %s", (_, address) => {
  expect(isReachable(address, "public")).toBe(false);
});

test.each(["1.1.1.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])(
  "a public name may lead to %s",
  (address) => {
    expect(isReachable(address, "public")).toBe(true);
  },
);

test("a local name allows private addresses, but not loopback or link-local ones", () => {
  expect(["192.168.1.2", "10.0.0.1", "fd12::1", "1.1.1.1"].map((a) => isReachable(a, "local"))).not.toContain(
    false,
  );
  expect(
    ["127.0.0.1", "::1", "169.254.169.254", "fe80::1"].map((a) => isReachable(a, "local")),
  ).not.toContain(true);
});

test("localhost allows loopback addresses only", () => {
  expect(["127.0.0.1", "::1"].map((a) => isReachable(a, "loopback"))).not.toContain(false);
  expect(["10.0.0.1", "1.1.1.1"].map((a) => isReachable(a, "loopback"))).not.toContain(true);
});

const answers = (...addresses: string[]) => {
  const found = addresses.map(
    (address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }),
  );
  return () => Promise.resolve(found);
};

test("a name with one address that is not public is denied, at any position", async () => {
  const publicAddress = fc.ipV4().filter((address) => isReachable(address, "public"));
  await fc.assert(
    fc.asyncProperty(fc.array(publicAddress), fc.array(publicAddress), async (before, after) => {
      const lookup = answers(...before, "127.0.0.1", ...after);
      await expect(allowedAddresses("evil.example", "public", lookup, live())).rejects.toMatchObject({
        code: "CAPABILITY_DENIED",
      });
    }),
    { numRuns: 50 },
  );
});

test("a granted IP address is not resolved", async () => {
  const never = () => Promise.reject(new Error("looked up"));
  await expect(allowedAddresses("127.0.0.1", "itself", never, live())).resolves.toEqual([
    { address: "127.0.0.1", family: 4 },
  ]);
});

test("a granted IPv6 address has the family 6", async () => {
  await expect(allowedAddresses("::1", "itself", answers(), live())).resolves.toEqual([
    { address: "::1", family: 6 },
  ]);
});

test("all addresses of a name are returned", async () => {
  const lookup = answers("1.1.1.1", "2606:4700::1111");
  await expect(allowedAddresses("a.example", "public", lookup, live())).resolves.toEqual(await lookup());
});

test.each([
  [[], "its name has no address"],
  [["1.1.1.1", "10.0.0.1"], "its name leads to an address that is not public, or this machine's own"],
])("a name with the addresses %j is refused, with the reason", async (found, reason) => {
  const reached = allowedAddresses("some.example", "public", answers(...found), live());
  await expect(reached).rejects.toMatchObject({
    code: "CAPABILITY_DENIED",
    params: { action: "reach some.example", reason },
  });
});

test("an aborted call resolves no name", async () => {
  let lookups = 0;
  const lookup = async () => {
    lookups++;
    return [];
  };
  const ended = AbortSignal.abort(new Error("ended"));
  await expect(allowedAddresses("a.example", "public", lookup, ended)).rejects.toThrow("ended");
  expect(lookups).toBe(0);
});

test("the system's resolver resolves localhost", async () => {
  expect(await allowedAddresses("localhost", "loopback", lookupAll, live())).toEqual(
    expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/^(127\.|::1$)/) })]),
  );
});

test("a lookup that never ends stops when the call aborts", async () => {
  const hung = () => new Promise<LookupAddress[]>(() => {});
  const signal = AbortSignal.timeout(20);
  await expect(allowedAddresses("slow.example", "public", hung, signal)).rejects.toThrow(/timeout/);
});

test.each([
  ["[2606:4700::1111]", "2606:4700::1111"],
  ["::ffff:8.8.8.8", "8.8.8.8"],
  ["[64:ff9b::808:808]", "8.8.8.8"],
])("%s is read as %s", (text, address) => {
  expect(readAddress(text)?.toString()).toBe(address);
});

test.each(["example.org", "1[.2.3.4]", "[1.2.3].4", "[::1", "::1]", ""])("%j is not an address", (text) => {
  expect(readAddress(text)).toBeUndefined();
});

test.each([
  ["8.8.8.8", true],
  ["10.0.0.1", false],
  ["2606:4700::1111", true],
  // Not in 2000::/3, the only part of IPv6 that is assigned as global unicast (RFC 4291 §2.4).
  ["4000::1", false],
  ["fd00::1", false],
])("%s is a public address: %s", (text, expected) => {
  const address = readAddress(text);
  expect(address && isPublic(address)).toBe(expected);
});

test("a public name may not lead to an address of this machine, in any form", () => {
  const own = (address: string) => ({ lo: undefined, eth0: [{ address } as os.NetworkInterfaceInfo] });
  const interfaces = vi.spyOn(os, "networkInterfaces");
  onTestFinished(() => interfaces.mockRestore());
  interfaces.mockReturnValue(own("8.8.4.4") as ReturnType<typeof os.networkInterfaces>);
  expect(["8.8.4.4", "::ffff:8.8.4.4"].map((a) => isReachable(a, "public"))).toEqual([false, false]);
  expect(isReachable("8.8.4.4", "local")).toBe(true);
  expect(isReachable("8.8.8.8", "public")).toBe(true);
  interfaces.mockReturnValue(own("2606:4700:0::1111") as ReturnType<typeof os.networkInterfaces>);
  expect(isReachable("2606:4700::1111", "public")).toBe(false);
  interfaces.mockReturnValue(own("no address") as ReturnType<typeof os.networkInterfaces>);
  expect(isReachable("8.8.4.4", "public")).toBe(true);
});

describe("the lookup of a connection to a public address", () => {
  const found = (host: string, options: LookupOptions) =>
    new Promise<unknown[]>((resolve) => publicLookup(host, options, (...answer) => resolve(answer)));

  test("gives one address, or all", async () => {
    expect(await found("1.1.1.1", {})).toEqual([null, "1.1.1.1", 4]);
    expect(await found("1.1.1.1", { all: true })).toEqual([null, [{ address: "1.1.1.1", family: 4 }]]);
  });

  test("refuses a name that leads inside", async () => {
    const refused = expect.objectContaining({
      code: "SOURCE_REDIRECT",
      params: { reason: "into the local network" },
    });
    expect(await found("localhost", {})).toEqual([refused, []]);
    expect(await found("192.168.0.1", { all: true })).toEqual([refused, []]);
  });

  test("passes on the error of a name that does not exist", async () => {
    const [error, addresses] = await found("name.invalid", {});
    expect(error).toMatchObject({ syscall: "getaddrinfo" });
    expect(addresses).toEqual([]);
  });
});
