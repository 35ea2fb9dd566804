import { Readable } from "node:stream";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { type BodyPolicy, readBody } from "../../src/net/http-body.ts";

const policy = (more: Partial<BodyPolicy> = {}): BodyPolicy => ({
  maxBytes: 1000,
  tooLarge: () => new Error("too large"),
  signal: new AbortController().signal,
  ...more,
});

const read = (bytes: Buffer, encoding: string, more?: Partial<BodyPolicy>) =>
  readBody(Readable.from([bytes]), encoding, undefined, policy(more));

test.each([
  ["", Buffer.from("plain"), false],
  ["identity", Buffer.from("plain"), false],
  ["gzip", gzipSync("plain"), true],
  [" X-GZIP ", gzipSync("plain"), true],
  ["br", brotliCompressSync("plain"), true],
  ["deflate", deflateSync("plain"), true],
  // Without the header of zlib, as some servers send it.
  ["deflate", deflateRawSync("plain"), true],
  ["deflate", deflateRawSync("plain", { level: 0 }), true],
  ["gzip, gzip", gzipSync(gzipSync("plain")), true],
  ["deflate, identity, br", brotliCompressSync(deflateRawSync("plain")), true],
])("a body of encoding %j is read as it was meant", async (encoding, bytes, decoded) => {
  expect(await read(bytes, encoding)).toEqual({ bytes: Buffer.from("plain"), decoded });
});

test("a body of an unknown encoding stays encoded, unless the policy refuses it", async () => {
  const bytes = Buffer.from("zstd");
  expect(await read(bytes, "zstd")).toEqual({ bytes, decoded: false });
  const unknownEncoding = (encoding: string) => new Error(`unknown: ${encoding}`);
  await expect(read(bytes, "zstd", { unknownEncoding })).rejects.toThrow("unknown: zstd");
});

test("the limit applies to the encoded bytes, the decoded bytes and Content-Length", async () => {
  await expect(read(gzipSync(Buffer.alloc(1001)), "gzip")).rejects.toThrow("too large");
  expect((await read(gzipSync(Buffer.alloc(1000)), "gzip")).bytes).toHaveLength(1000);
  const announced = readBody(Readable.from([]), "", 1001, policy());
  await expect(announced).rejects.toThrow("too large");
});

test("a damaged encoding is an error, and so are more encodings than three", async () => {
  for (const encoding of ["gzip", "deflate", "br", "gzip, deflate"])
    await expect(read(Buffer.from("\u0007no encoding"), encoding)).rejects.toThrow();
  await expect(read(deflateSync("plain").subarray(0, 8), "deflate")).rejects.toThrow("unexpected end");
  expect((await read(gzipSync("plain"), "gzip, gzip, gzip, gzip")).decoded).toBe(false);
});

test("the limit applies to what each encoding decodes to", async () => {
  const bomb = gzipSync(gzipSync(Buffer.alloc(50_000_000)));
  await expect(read(bomb, "gzip, gzip")).rejects.toThrow("too large");
  const inner = gzipSync(deflateRawSync(Buffer.alloc(1001)));
  await expect(read(inner, "deflate, gzip")).rejects.toThrow("too large");
});

test("an endless row of empty gzip members, which decode to nothing, is too large", async () => {
  const member = Buffer.concat(Array.from({ length: 1000 }, () => gzipSync("")));
  const endless = Readable.from(
    (function* () {
      for (;;) yield member;
    })(),
  );
  await expect(readBody(endless, "gzip", undefined, policy())).rejects.toThrow("too large");
});

test("reading stops when the signal aborts", async () => {
  const reason = new Error("given up");
  await expect(read(Buffer.from("a"), "", { signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
    name: "AbortError",
  });
});
