import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { SevenZipModule, SevenZipModuleFactory } from "7z-wasm";
import { type ByteSource, ReaderFault } from "./reader-protocol.ts";

const require = createRequire(import.meta.url);
const createSevenZip = require("7z-wasm") as SevenZipModuleFactory;

/** The memory of 7-Zip in bytes. The largest dictionaries of usual archives are 256 MB. */
const MAX_MEMORY = 768 * 1024 * 1024;
const PAGE = 65_536;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of WebAssembly, which Node's types leave to those of browsers. */
interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => object;
  Memory: { prototype: WasmMemory };
}
const { Module, Instance, Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

/** Memory grows through this function alone, so a claimed dictionary of gigabytes fails as it does where memory is short. */
const { grow } = Memory.prototype;
/** Whether the present run asked for more. A run is synchronous. */
let wantedMore = false;
Memory.prototype.grow = function (this: WasmMemory, pages: number) {
  if (this.buffer.byteLength + pages * PAGE > MAX_MEMORY) {
    wantedMore = true;
    throw new RangeError("too much memory");
  }
  return grow.call(this, pages);
};

/** Compiled once: each run has an instance of its own. */
const program = new Module(readFileSync(require.resolve("7z-wasm/7zz.wasm")));

/** Emscripten's way to use a compiled program. */
const instantiateWasm = (imports: object, receive: (instance: object) => void): object => {
  receive(new Instance(program, imports));
  return {};
};

/** Output beyond its limit. */
class TooMuchOutput extends Error {}

/** A file of Emscripten's memory file system; see FS in its API reference. */
interface MemoryFile {
  usedBytes: number;
  stream_ops: object;
}

/** What Emscripten calls for a file's reads, and for writes to the output. */
interface StreamOps {
  read?(stream: unknown, into: Uint8Array, offset: number, length: number, position: number): number;
  write?(stream: unknown, from: Uint8Array, offset: number, length: number): number;
}

const mount = ({ FS }: SevenZipModule, source: ByteSource): void => {
  FS.writeFile("/archive", new Uint8Array(0));
  const node = FS.lookupPath("/archive").node as unknown as MemoryFile;
  const ops: StreamOps = {
    read: (_, { buffer, byteOffset }, offset, length, position) => {
      const bytes = Math.max(0, Math.min(length, source.size - position));
      return source.read(new Uint8Array(buffer, byteOffset + offset, bytes), position);
    },
  };
  node.usedBytes = source.size;
  node.stream_ops = { ...node.stream_ops, ...ops };
};

interface Output {
  /** 0 for success, 1 for a warning, else a failure. */
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Collects the program's output, because by itself it comes one byte a call. */
const collect = (module: SevenZipModule, maxBytes: number): Buffer[] => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const { FS } = module as unknown as { FS: { getStream(fd: number): { stream_ops: object } } };
  const output = FS.getStream(1);
  const ops: StreamOps = {
    write: (_, from, offset, length) => {
      bytes += length;
      if (bytes > maxBytes) throw new TooMuchOutput();
      chunks.push(Buffer.from(from.subarray(offset, offset + length)));
      return length;
    },
  };
  output.stream_ops = { ...output.stream_ops, ...ops };
  return chunks;
};

/** Lines of its errors that are kept: it writes one for each broken entry. */
const MAX_LINES = 50;

/**
 * Runs 7-Zip on an archive, which it sees as `/archive`. Each run has memory of its own.
 * @returns its output; undefined if it is larger than `maxBytes`
 * @throws ReaderFault ARCHIVE_UNREADABLE where it needs too much memory, or 7-Zip itself fails
 */
export const runSevenZip = async (
  source: ByteSource,
  args: readonly string[],
  maxBytes: number,
): Promise<Output | undefined> => {
  const lines: string[] = [];
  const module = await createSevenZip({
    print: () => {},
    printErr: (line) => {
      if (lines.length < MAX_LINES) lines.push(line.slice(0, 300));
    },
    // Without an answer to its question for a password, it fails.
    stdin: () => null as unknown as number,
    ...{ instantiateWasm },
  });
  mount(module, source);
  const chunks = collect(module, maxBytes);
  wantedMore = false;
  try {
    const code = (module.callMain as unknown as (args: readonly string[]) => number)([
      ...args,
      "--",
      "/archive",
    ]);
    return { code, stdout: Buffer.concat(chunks), stderr: lines.join("\n") };
  } catch (error) {
    if (error instanceof TooMuchOutput) return undefined;
    // An exception of C++, of which JavaScript gets only the address.
    const reason = wantedMore
      ? `it needs more than ${MAX_MEMORY / 1024 / 1024} MB of memory`
      : "its reader failed: it may be damaged";
    throw new ReaderFault("ARCHIVE_UNREADABLE", reason);
  }
};
