import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFrameDecoder, encodeFrame, type Frame, FrameError } from "../../src/runtimes/frames.ts";
import { processorTime } from "../support/processor-time.ts";

const frame = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Frame>;

/** The bytes in pieces, cut at the given places. */
const cut = (bytes: Buffer, places: number[]): Buffer[] => {
  const at = [0, ...places.map((p) => p % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

const decode = (chunks: Iterable<Uint8Array>, max?: number): Frame[] => {
  const decoder = createFrameDecoder(max);
  const frames: Frame[] = [];
  for (const chunk of chunks) decoder.push(chunk, (f) => frames.push(f));
  return frames;
};

const payload = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};
const text = (json: string): Buffer => payload(Buffer.from(json));

const viaJson = (frames: Frame[]): unknown => JSON.parse(JSON.stringify(frames));

describe("frames", () => {
  test("any chunking of a stream gives the same frames", () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat()), (frames, places) => {
        const bytes = Buffer.concat(frames.map((f) => encodeFrame(f)));
        expect(decode(cut(bytes, places))).toEqual(viaJson(frames));
      }),
    );
  });

  test("a frame that comes byte by byte is the same frame", () => {
    const sent = { text: "ä€𝄞".repeat(40_000) };
    const bytes = encodeFrame(sent);
    expect(decode(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))).toEqual([sent]);
  });

  test("the time for a frame in small chunks grows in proportion to its size", () => {
    const decodeTime = (size: number): number => {
      const bytes = encodeFrame({ text: "x".repeat(size) });
      const count = Math.ceil(bytes.length / 16);
      const chunks = Array.from({ length: count }, (_, i) => bytes.subarray(i * 16, i * 16 + 16));
      return processorTime(() => decode(chunks));
    };
    // A reader that copies the whole frame for each chunk would take 64 times as long.
    expect(decodeTime(8_000_000)).toBeLessThan(30 * decodeTime(1_000_000));
  });

  test("frames before a bad one are given, in chunks of every size, and nothing after it", () => {
    const bytes = Buffer.concat([encodeFrame({ n: 1 }), text("nonsense"), encodeFrame({ n: 2 })]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (places) => {
        const decoder = createFrameDecoder();
        const frames: Frame[] = [];
        let failures = 0;
        for (const chunk of cut(bytes, places)) {
          try {
            decoder.push(chunk, (f) => frames.push(f));
          } catch (e) {
            expect(e).toBeInstanceOf(FrameError);
            failures++;
          }
        }
        expect(frames).toEqual([{ n: 1 }]);
        expect(failures).toBeGreaterThan(0);
        expect(() => decoder.push(encodeFrame({ n: 3 }), () => {})).toThrow(FrameError);
      }),
    );
  });

  test.each([
    ["nothing at all", payload(Buffer.alloc(0))],
    ["no JSON", text("{")],
    ["a list", text("[]")],
    ["null", text("null")],
    ["a number", text("7")],
    ["bytes that are no UTF-8", payload(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))],
    ["a length over the limit", Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ["JSON that is too deep", text(`{"a":${"[".repeat(600)}${"]".repeat(600)}}`)],
    ["depth behind a string with quotes", text(`{"\\"]]]":${"[".repeat(600)}${"]".repeat(600)}}`)],
    ["more values than are worth parsing", text(`{"a":[${"[],".repeat(60_000)}0]}`)],
    [
      "more fields than are worth parsing",
      text(`{${Array.from({ length: 101_000 }, (_, i) => `"k${i}":0`)}}`),
    ],
  ])("%s is refused", (_, bytes) => {
    expect(() => decode([bytes])).toThrow(FrameError);
  });

  test("depth is that of brackets outside of strings", () => {
    const sent = { text: "[{".repeat(5000), deep: JSON.parse(`${"[".repeat(400)}${"]".repeat(400)}`) };
    expect(decode([encodeFrame(sent)])).toEqual([sent]);
  });

  test("values are those outside of strings, and a frame tells about how many it has", () => {
    const sent = { text: ",[".repeat(200_000), list: Array.from({ length: 90_000 }, () => 1) };
    const counts: number[] = [];
    createFrameDecoder().push(encodeFrame(sent), (_, values) => counts.push(values));
    expect(counts).toEqual([90_002]);
  });

  test("a frame of the largest size passes, and one byte more does not", () => {
    const bytes = encodeFrame({ a: "b" });
    expect(decode([bytes], bytes.length - 4)).toEqual([{ a: "b" }]);
    expect(() => decode([bytes], bytes.length - 5)).toThrow(FrameError);
    expect(() => encodeFrame({ a: "b" }, bytes.length - 5)).toThrow(FrameError);
  });

  test("what cannot be written as JSON is refused before anything is sent", () => {
    const cyclic: Frame = {};
    cyclic.self = cyclic;
    expect(() => encodeFrame(cyclic)).toThrow(FrameError);
  });

  test("an announced length allocates no memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 100 }, () => {
      const decoder = createFrameDecoder();
      decoder.push(Buffer.from([0x00, 0x7f, 0xff, 0xff, 0x7b]), () => {});
      return decoder;
    });
    expect(decoders).toHaveLength(100);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });

  test("random bytes end in frames or in a FrameError, never in anything else", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        try {
          decode(chunks, 1000);
        } catch (e) {
          expect(e).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("a good stream with bytes changed, cut out or doubled is never a surprise", () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom("flip", "cut", "double"),
      value: fc.nat(255),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1 }),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        (frames, changes) => {
          let bytes = Buffer.concat(frames.map((f) => encodeFrame(f)));
          for (const { at, kind, value } of changes) {
            const i = at % bytes.length;
            if (kind === "flip") bytes[i] = value;
            else if (kind === "cut") bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(i + 1)]);
            else bytes = Buffer.concat([bytes.subarray(0, i), bytes.subarray(Math.max(0, i - 4))]);
            if (bytes.length === 0) return;
          }
          try {
            for (const f of decode([bytes])) expect(f).toBeTypeOf("object");
          } catch (e) {
            expect(e).toBeInstanceOf(FrameError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
