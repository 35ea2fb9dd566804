import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import type { Client } from "@hitagi/contract";
import { fromBufferPromise } from "yauzl";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { openDatabase } from "../src/store/sqlite/connection.ts";
import { cbz } from "../test/library/cbz.ts";
import { writeRegistry } from "../test/support/registry-fixture.ts";
import { comparisonOf } from "./compare.ts";
import { compared, counted, median, type Row } from "./measure.ts";
import { finished } from "./plugins.ts";
import { memoryOf, startServer } from "./server.ts";

const ARCHIVES = 5000;
/** Archives of each round of the floor, and changes of the store for each, so that an interrupted batch can be undone. */
const [FLOOR_ARCHIVES, CHANGES] = [500, 3];
const SAMPLE_MS = 100;

/** A metadata plugin that reads one entry of each archive. */
const reader = `export default {
  namespace: "reads-one", type: "metadata", name: "Reads one", version: "1.0.0", author: "bench", description: "x",
  async getTags(ctx) {
    const text = await ctx.archive.text("ComicInfo.xml");
    return { tags: ["title:" + /<Title>(.*)<\\/Title>/.exec(text)[1]] };
  },
};`;

const installed = async (client: Client, folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const versions = [{ version: "1.0.0", source: reader }];
  await writeRegistry(folder, [{ namespace: "reads-one", type: "metadata", versions }]);
  const { id } = await client.createRegistry({ body: { name: "b", provider: "local", path: folder } });
  await client.refreshRegistry({ params: { id } });
  await finished(
    client,
    (await client.installPlugin({ body: { namespace: "reads-one", registry: id } })).job,
  );
};

const taken = async (client: Client): Promise<void> => {
  while ((await client.getInfo({})).total_archives < ARCHIVES) await pause(SAMPLE_MS);
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One entry of an archive, without Hitagi. */
const readEntry = async (file: string): Promise<Buffer> => {
  const zip = await fromBufferPromise(await readFile(file));
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName === "ComicInfo.xml") return buffer(await zip.openReadStreamPromise(entry));
  }
  throw new Error(`${file} has no such entry`);
};

/** The floor: the entry of each archive is read, and as many single rows are committed as the batch commits. @returns archives a second */
const bareRate = async (library: string, folder: string): Promise<number> => {
  const names = await readdir(library);
  const files = names.filter((name) => name.endsWith(".cbz")).slice(0, FLOOR_ARCHIVES);
  const db = openDatabase(path.join(folder, "floor.db"));
  db.exec("CREATE TABLE IF NOT EXISTS floor (file TEXT, text TEXT)");
  const insert = db.prepare("INSERT INTO floor VALUES (?, ?)");
  const begun = performance.now();
  for (const file of files) {
    const text = (await readEntry(path.join(library, file))).toString();
    for (let n = 0; n < CHANGES; n++) insert.run(file, text);
  }
  const rate = files.length / ((performance.now() - begun) / 1000);
  db.close();
  return rate;
};

interface Batch {
  perSecond: number;
  /** The last quarter's memory ÷ the second's. */
  growth: number;
}

const runBatch = async (client: Client, pid: number): Promise<Batch> => {
  const begun = performance.now();
  const { job } = await client.startBatch({ body: { plugin: "reads-one", all: true } });
  let ended = false;
  const memory: number[] = [];
  const sampling = (async () => {
    while (!ended) {
      memory.push((await memoryOf(pid)).now);
      await pause(SAMPLE_MS);
    }
  })();
  await finished(client, job, SAMPLE_MS);
  const perSecond = ARCHIVES / ((performance.now() - begun) / 1000);
  ended = true;
  await sampling;
  const { counts } = await client.getBatch({ params: { job } });
  if (counts.changed !== ARCHIVES) throw new Error(`the batch changed ${counts.changed} archives`);
  const quarter = Math.ceil(memory.length / 4);
  const [early, late] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
  return { perSecond, growth: late / early };
};

/** A batch over small archives with a plugin that reads one entry of each; the library exists at the start. */
export const benchBatch = async (): Promise<Row[]> => {
  const library = ownFolder("hitagi-bench-library-");
  for (let n = 0; n < ARCHIVES; n++) await writeFile(path.join(library, `${n}.cbz`), cbz(`archive ${n}`));
  const server = await startServer(undefined, { HITAGI_SETTLE: "0", HITAGI_LIBRARY: library });
  try {
    const { client, pid } = server;
    await taken(client);
    await installed(client, path.join(server.folder, "registry"));
    const before = await bareRate(library, server.folder);
    const { perSecond: value, growth } = await runBatch(client, pid);
    const after = await bareRate(library, server.folder);
    const found = comparisonOf([
      { value, floor: before },
      { value, floor: after },
    ]);
    const name = `batch over ${ARCHIVES.toLocaleString("en")} archives, one entry read of each`;
    return [
      compared("batch", name, "archives/s", found),
      counted("batch-memory", "memory of the batch in its last quarter, against its second", "×", growth),
    ];
  } finally {
    await server.stop();
  }
};
