import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readLanraragi, redisOptions } from "../../../src/cli/import-lanraragi/read.ts";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { type Authority, makeAuthority, makeExpired } from "../../support/authority.ts";
import { withoutRedis } from "../../support/redis.ts";
import { type ListeningRedis, runRedisOnPort, runSentinel } from "../../support/redis-process.ts";
import { sharedProgram } from "../../support/serve-process.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { clientOf } from "./world.ts";

const [authority, other, expired] = await Promise.all([makeAuthority(), makeAuthority(), makeExpired()]);

interface TlsRedis extends ListeningRedis {
  /** Paths of its certificates. */
  files: { ca: string; cert: string; key: string };
}

/** A Redis that speaks TLS with the certificate of an authority. */
const redisOf = async (given: Authority, clients: "yes" | "no" = "no"): Promise<TlsRedis> => {
  const folder = await tempFolder();
  const fileOf = (name: string) => path.join(folder, `${name}.pem`);
  await Promise.all((["ca", "cert", "key"] as const).map((name) => writeFile(fileOf(name), given[name])));
  const files = { ca: fileOf("ca"), cert: fileOf("cert"), key: fileOf("key") };
  const certificates = [
    ...["--tls-cert-file", files.cert, "--tls-key-file", files.key, "--tls-ca-cert-file", files.ca],
    ...["--tls-auth-clients", clients],
  ];
  const server = await runRedisOnPort(folder, (port) => ["--tls-port", `${port}`, ...certificates]);
  onTestFinished(() => server.kill());
  return { ...server, files };
};

/** A sentinel that speaks TLS, and watches such a Redis. */
const sentinelOf = async ({ port, files }: TlsRedis): Promise<ListeningRedis> => {
  const folder = await tempFolder();
  const config = path.join(folder, "sentinel.conf");
  const lines = [
    ...[`tls-cert-file ${files.cert}`, `tls-key-file ${files.key}`, `tls-ca-cert-file ${files.ca}`],
    ...["tls-auth-clients no", "tls-replication yes", `sentinel monitor main 127.0.0.1 ${port} 1`],
  ];
  await writeFile(config, `${lines.join("\n")}\n`);
  const sentinel = await runSentinel(folder, config, "--tls-port");
  onTestFinished(() => sentinel.kill());
  return sentinel;
};

/** Longer than a test may take, so a failure did not wait for it. */
const FOREVER_MS = 600_000;

/** Opens an address and closes it again. @returns the error, or {} */
const faultOf = (
  address: string,
  ca?: string,
  timeoutMs = FOREVER_MS,
): Promise<{ code?: string; message?: string }> =>
  openRedisStore(address, { ca, timeoutMs, onError: () => {} }).then(
    async (store) => {
      await store.check();
      await store.close();
      return {};
    },
    (e: Error) => e,
  );

describe.skipIf(withoutRedis)("a Redis over TLS", () => {
  const program = sharedProgram();

  test("is reached only if its authority is trusted, by name and by address", async () => {
    const { port } = await redisOf(authority);
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await faultOf(`rediss://${host}:${port}/2`, authority.ca)).toEqual({});
    }
    const hint = expect.stringContaining("HITAGI_CA_FILE");
    expect(await faultOf(`rediss://127.0.0.1:${port}/2`)).toMatchObject({
      code: "STORE_CERTIFICATE",
      message: expect.stringContaining("unknown authority"),
      hint,
    });
    expect(await faultOf(`rediss://127.0.0.1:${port}/2`, other.ca)).toMatchObject({
      code: "STORE_CERTIFICATE",
      hint,
    });
  });

  test("with a certificate that has expired is refused, with that reason", async () => {
    const { port } = await redisOf(expired);
    expect(await faultOf(`rediss://localhost:${port}/2`, expired.ca)).toMatchObject({
      code: "STORE_CERTIFICATE",
      message: expect.stringContaining("expired"),
    });
  });

  test("and one without TLS name the right scheme if the address has the wrong one", async () => {
    const secure = await redisOf(authority);
    expect(await faultOf(`redis://127.0.0.1:${secure.port}/2`, undefined, 1000)).toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("write rediss://"),
    });
    const plain = await runRedisOnPort(await tempFolder());
    onTestFinished(() => plain.kill());
    expect(await faultOf(`rediss://127.0.0.1:${plain.port}/2`, authority.ca, 1000)).toMatchObject({
      code: "STORE_UNREACHABLE",
      message: expect.stringContaining("speaks no TLS"),
    });
  });

  test("that requires client certificates says so, and accepts the one in the address", async () => {
    const { port, files } = await redisOf(authority, "yes");
    const address = `rediss://127.0.0.1:${port}/2`;
    expect(await faultOf(address, authority.ca)).toMatchObject({
      code: "STORE_REFUSED",
      message: expect.stringContaining("?cert="),
    });
    const named = `cert=${encodeURIComponent(files.cert)}&key=${encodeURIComponent(files.key)}`;
    expect(await faultOf(`${address}?${named}`, authority.ca)).toEqual({});
    expect(await faultOf(`${address}?cert=/no/such&key=/no/such`, authority.ca)).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.not.stringContaining("/no/such"),
    });
  });

  test("is found through sentinels over TLS", async () => {
    const sentinel = await sentinelOf(await redisOf(authority));
    const address = `rediss+sentinel://127.0.0.1:${sentinel.port}/2?master=main`;
    expect(await faultOf(address, authority.ca)).toEqual({});
    expect(await faultOf(address)).toMatchObject({ code: "STORE_CERTIFICATE" });
  });

  test("is read by the import from LANraragi, which says how to trust its certificate", async () => {
    const redis = await redisOf(authority);
    await clientOf(redis, 2).hset("REG_1234567890", "name", "theirs");
    const at = (ca?: string) => redisOptions(`rediss://127.0.0.1:${redis.port}`, undefined, ca);
    expect(await readLanraragi(at(authority.ca))).toMatchObject({ registries: [{ id: "REG_1234567890" }] });
    await expect(readLanraragi(at())).rejects.toMatchObject({
      message: expect.stringContaining("unknown authority"),
      hint: expect.stringContaining("HITAGI_CA_FILE"),
    });
  });

  test("serves a server whose process trusts it by Node's variable or by Hitagi's, and the doctor says it too", async () => {
    const { port, files } = await redisOf(authority);
    const HITAGI_STORE = `rediss://localhost:${port}/2`;
    for (const trust of ["NODE_EXTRA_CA_CERTS", "HITAGI_CA_FILE"]) {
      const server = await program.serve({ HITAGI_STORE, [trust]: files.ca });
      expect(await server.client.getHealth({})).toMatchObject({ store: "ok" });
      expect(await server.client.listRegistries({})).toMatchObject({ registries: [] });
      expect(server.err()).not.toContain("ServerName");
      expect(await server.stop()).toBe(0);
    }
    const data = await tempFolder();
    const refused = await program.run(["serve"], { HITAGI_STORE, HITAGI_DATA: data, HITAGI_PORT: "0" });
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining("HITAGI_CA_FILE") });
    const doctor = await program.run(["doctor"], { HITAGI_STORE, HITAGI_DATA: data });
    expect(doctor).toMatchObject({ code: 1, out: expect.stringContaining("unknown authority") });
  });
});
