import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "@hitagi/contract";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { cbz } from "../test/library/cbz.ts";
import { writeRegistry } from "../test/support/registry-fixture.ts";
import { median, type Row } from "./measure.ts";
import { finished } from "./plugins.ts";
import { memoryOf, startServer } from "./server.ts";

const ARCHIVES = 5000;
const SAMPLE_MS = 100;
/** Tolerance for garbage that is not collected yet. */
const SLACK_MB = 32;

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

/** A batch over small archives with a plugin that reads one entry of each; the library exists at the start. */
export const benchBatch = async (): Promise<Row[]> => {
  const library = ownFolder("hitagi-bench-library-");
  for (let n = 0; n < ARCHIVES; n++) await writeFile(path.join(library, `${n}.cbz`), cbz(`archive ${n}`));
  const server = await startServer(undefined, { HITAGI_SETTLE: "0", HITAGI_LIBRARY: library });
  try {
    const { client, pid } = server;
    await taken(client);
    await installed(client, path.join(server.folder, "registry"));
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
    return [
      {
        name: `batch over ${ARCHIVES.toLocaleString("en")} archives, one entry read of each`,
        value: perSecond,
        unit: "archives/s",
        target: "≥ 400",
        met: perSecond >= 400,
      },
      {
        name: "memory that it holds in its last quarter, against its second",
        value: late,
        unit: "MB",
        floor: early,
        target: `flat: at most ${SLACK_MB} MB more`,
        met: late - early <= SLACK_MB,
      },
    ];
  } finally {
    await server.stop();
  }
};
