// The models of jschardet for the encodings that the server looks for. It has models of 353 pairs of language and encoding,
// 23 MB in memory and a quarter of the package; the server looks for eleven encodings, and asks for no language.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const candidates = JSON.parse(
  readFileSync(new URL("../packages/server/src/library/candidate-encodings.json", import.meta.url), "utf8"),
);
const encodings = new Set(Object.values(candidates).flatMap((some) => Object.keys(some)));

/** Bytes of a model: one for each pair of bytes of a text. */
const MODEL_BYTES = 65_536;

/** The bytes that a file of jschardet holds, and its function that reads the models. */
const bytesIn = async (folder, name) =>
  Buffer.from((await import(pathToFileURL(path.join(folder, `${name}.bin.js`)).href)).readBytes());

/** The head of a model: the length of its name, `<language>/<encoding>`, and its norm. */
const headsOf = (bytes) => {
  const heads = [];
  let at = 8;
  for (let n = 0; n < bytes.readUInt32BE(4); n++) {
    const end = at + 4 + bytes.readUInt32BE(at) + 8;
    const name = bytes.toString("utf8", at + 4, end - 8);
    heads.push({ bytes: bytes.subarray(at, end), isKept: encodings.has(name.split("/")[1]), n });
    at = end;
  }
  return { heads, end: at };
};

/** Both files of the kept models, in the form of jschardet's own (build/models/_format.js). */
const keptFiles = async (folder) => {
  const [models, norms] = [await bytesIn(folder, "models"), await bytesIn(folder, "langnorm")];
  const { heads, end } = headsOf(models);
  const kept = heads.filter(({ isKept }) => isKept);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(kept.length);
  const slices = (bytes, from, size) =>
    kept.map(({ n }) => bytes.subarray(from + n * size, from + (n + 1) * size));
  const normsFrom = norms.length - heads.length * 8;
  return {
    models: Buffer.concat([
      models.subarray(0, 4),
      count,
      ...kept.map((head) => head.bytes),
      ...slices(models, end, MODEL_BYTES),
    ]),
    langnorm: Buffer.concat([norms.subarray(0, normsFrom), ...slices(norms, normsFrom, 8)]),
  };
};

const compress = (bytes) => {
  const params = {
    // The best quality takes 30 times as long, for 4% less.
    [constants.BROTLI_PARAM_QUALITY]: 9,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return brotliCompressSync(bytes, { params }).toString("base64");
};

const moduleOf = (bytes) => `import { brotliDecompressSync } from "node:zlib";
let bytes;
export const readBytes = () => (bytes ??= new Uint8Array(brotliDecompressSync(Buffer.from("${compress(bytes)}", "base64"))));
`;

/** For esbuild. @type {import("esbuild").Plugin} */
export const detectionModels = {
  name: "detection-models",
  setup: (build) => {
    build.onLoad(
      { filter: /[\\/]jschardet[\\/]build[\\/]models[\\/](models|langnorm)\.bin\.js$/ },
      async ({ path: file }) => {
        const kept = await keptFiles(path.dirname(file));
        return { contents: moduleOf(kept[path.basename(file, ".bin.js")]), loader: "js" };
      },
    );
  },
};
