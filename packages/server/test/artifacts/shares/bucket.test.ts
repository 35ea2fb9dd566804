import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { MAX_ARTIFACT_FILE_BYTES } from "@hitagi/contract";
import { describe, expect, onTestFinished, test } from "vitest";
import { createBucketShare } from "../../../src/artifacts/shares/bucket.ts";
import type { S3Target } from "../../../src/artifacts/shares/s3-client.ts";
import type { Network } from "../../../src/net/http-agents.ts";
import { makeAuthority } from "../../support/authority.ts";
import { proxyTo } from "../../support/connect-proxy.ts";
import { httpServer, httpsServer } from "../../support/http-server.ts";
import { S3_KEY, s3Listener } from "../../support/s3.ts";
import { shareContract } from "./share-contract.ts";

const BUCKET = "plugins";
const sha256 = "a".repeat(64);

/** A share at a server's address, opened with these credentials. */
const shareAt = (
  address: string,
  given: Partial<S3Target> = {},
  network: Network = {},
  bucket = BUCKET,
  timeoutMs = 150_000,
) => {
  const base = new URL(`${address}/${bucket}/hitagi/`);
  const share = createBucketShare({ base, region: "us-east-1", token: "", ...S3_KEY, ...given }, network, {
    timeoutMs,
    retry: { attempts: 3, baseMs: 5 },
  });
  onTestFinished(() => share.close());
  return share;
};

shareContract("a bucket", async () => {
  const address = await httpServer(await s3Listener(BUCKET));
  return async () => shareAt(address);
});

const reason = (text: string) => ({ params: { reason: expect.stringContaining(text) } });

describe("a misconfigured bucket", () => {
  const refused = async (given: Partial<S3Target>, bucket = BUCKET): Promise<unknown> => {
    const address = await httpServer(await s3Listener(BUCKET));
    const share = shareAt(address, given, {}, bucket);
    const faults: unknown[] = await Promise.all([
      share.check().catch((e: unknown) => e),
      share.read(sha256).catch((e: unknown) => e),
      share.put(sha256, Buffer.from("x"), "{}").catch((e: unknown) => e),
    ]);
    expect(faults).toMatchObject(faults.map(() => ({ code: "ARTIFACTS_UNUSABLE" })));
    const { keyId = "", secret = "" } = given;
    for (const text of [keyId, secret].filter(Boolean)) expect(JSON.stringify(faults)).not.toContain(text);
    return faults[0];
  };

  test("reports a wrong secret without repeating it", async () => {
    expect(await refused({ secret: "not-the-secret" })).toMatchObject(reason("HITAGI_S3_SECRET"));
  });

  test("reports an unknown key", async () => {
    expect(await refused({ keyId: "SOMEBODY" })).toMatchObject(reason("HITAGI_S3_KEY_ID"));
  });

  test("reports a missing bucket", async () => {
    expect(await refused({}, "another")).toMatchObject(reason("no such bucket"));
  });

  /** Answers that the server above cannot give, as in Amazon's documentation. */
  const answering = (status: number, code: string, methods = ["PUT", "GET", "HEAD", "DELETE"]) =>
    refusing(status, code, methods, (_, response) => response.writeHead(200).end());
  const refusing =
    (status: number, code: string, methods: string[], otherwise: RequestListener): RequestListener =>
    (request, response) => {
      if (!methods.includes(request.method ?? "")) return void otherwise(request, response);
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(request.method === "HEAD" ? "" : `<Error><Code>${code}</Code></Error>`);
    };

  test.each([
    [403, "AccessDenied", "may not write"],
    [403, "RequestTimeTooSkewed", "clock"],
    [400, "ExpiredToken", "expired"],
    [400, "AuthorizationHeaderMalformed", "HITAGI_S3_REGION"],
    [301, "PermanentRedirect", "HITAGI_S3_ENDPOINT"],
    [418, "Teapot", "418 Teapot"],
    [418, "<script>", "it answered 418"],
  ])("says what is wrong where it answers %i %s", async (status, code, text) => {
    const share = shareAt(await httpServer(answering(status, code)));
    await expect(share.check()).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE", ...reason(text) });
  });

  test.each([
    ["PUT", "may not write"],
    ["GET", "may not read"],
    ["DELETE", "may not remove"],
  ])("says that the key may not %s", async (method, text) => {
    const s3 = await s3Listener(BUCKET);
    const share = shareAt(await httpServer(refusing(403, "AccessDenied", [method], s3)));
    await expect(share.check()).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE", ...reason(text) });
  });

  test("does not count as empty if HEAD is forbidden", async () => {
    const share = shareAt(await httpServer(answering(403, "AccessDenied")));
    await expect(share.has(sha256)).rejects.toMatchObject({ code: "ARTIFACTS_UNUSABLE" });
  });
});

describe("an unavailable bucket", () => {
  test("is unreachable if nothing listens", async () => {
    const share = shareAt("http://127.0.0.1:9");
    await expect(share.read(sha256)).rejects.toMatchObject({
      code: "ARTIFACTS_UNREACHABLE",
      status: 503,
      ...reason("refused"),
    });
  });

  test("is retried with a new signature while it is busy", async () => {
    const s3 = await s3Listener(BUCKET);
    let asked = 0;
    const address = await httpServer((request: IncomingMessage, response: ServerResponse) => {
      if (++asked % 3 !== 0) return void response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>");
      s3(request, response);
    });
    const share = shareAt(address);
    await share.put(sha256, Buffer.from("x"), "{}");
    expect(await share.has(sha256)).toBe(true);
  });

  test("is unreachable after the timeout if it stays busy, hangs, or trickles", async () => {
    const busy = shareAt(await httpServer((_, response) => void response.writeHead(503).end()));
    await expect(busy.has(sha256)).rejects.toMatchObject({ code: "ARTIFACTS_UNREACHABLE", ...reason("503") });
    const impatient = (at: string) => shareAt(at, {}, {}, BUCKET, 2000);
    const hanging = impatient(await httpServer(() => {}));
    await expect(hanging.read(sha256)).rejects.toMatchObject({
      code: "ARTIFACTS_UNREACHABLE",
      ...reason("no answer in 2 s"),
    });
    const trickling = impatient(
      await httpServer((_, response) => {
        const timer = setInterval(() => response.write("x"), 50);
        response.on("close", () => clearInterval(timer));
      }),
    );
    await expect(trickling.read(sha256)).rejects.toMatchObject({ code: "ARTIFACTS_UNREACHABLE" });
  });
});

test("an endless object is not read to its end", async () => {
  const share = shareAt(
    await httpServer((_, response) => {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    }),
  );
  expect((await share.read(sha256))?.bytes.length).toBe(MAX_ARTIFACT_FILE_BYTES + 1);
});

test("uses the certificate authorities and the proxy of registries", async () => {
  const authority = await makeAuthority("bucket.test");
  const origin = await httpsServer(authority, await s3Listener(BUCKET));
  const proxy = await proxyTo(origin);
  await expect(shareAt(origin).check()).rejects.toMatchObject({
    code: "ARTIFACTS_UNREACHABLE",
    ...reason("authority"),
  });
  await shareAt(origin, {}, { ca: authority.ca }).check();
  expect(proxy.asked).toEqual([]);
  await shareAt("https://bucket.test", {}, { ca: authority.ca, proxy: proxy.address }).check();
  expect(proxy.asked[0]).toMatch(/^CONNECT bucket\.test:443 /);
});
