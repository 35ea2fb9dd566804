import { Readable } from "node:stream";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
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
