import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { archiveBytes } from "@hitagi/sdk/testing";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { type DevRun, openDevSession } from "../src/kit/dev/dev-session.ts";
import { watchFiles } from "../src/kit/dev/watch-files.ts";
import { openSandbox, type Sandbox } from "../src/kit/sandbox.ts";
import { comparisonOf, type Pair } from "./compare.ts";
import { compared, type Row } from "./measure.ts";

const ROUNDS = 30;

const source = (n: number): string => `import type { MetadataPlugin } from "@hitagi/sdk";

export default {
  namespace: "bench-loop",
  type: "metadata",
  name: "Bench",
  version: "1.0.0",
  author: "me",
  description: "Is saved again and again.",
  async getTags(ctx) {
    const entries = await ctx.archive.entries();
    return { tags: [\`n:${n}\`, \`entries:\${entries.length}\`] };
  },
} satisfies MetadataPlugin;
`;

/** Waits until a process waits for the next version, as it does while an author writes. */
const untilReady = async (sandbox: Sandbox): Promise<void> => {
  while (!sandbox.isReady()) await delay(5);
  await delay(50);
};

/** A save of a plugin in \`hitagi dev\` until its result, beside the bare load of such a file into a waiting process. */
export const benchDevLoop = async (): Promise<Row[]> => {
  const folder = ownFolder("hitagi-bench-dev-");
  const sandbox = await openSandbox();
  const file = path.join(folder, "bench-loop.ts");
  const archive = path.join(folder, "comic.cbz");
  await writeFile(file, source(0));
  await writeFile(archive, archiveBytes({ pages: 20 }));
  const session = await openDevSession(sandbox, {
    file,
    archives: [{ file: archive }],
    settings: async () => ({}),
  });
  let done: (run: DevRun) => void = () => {};
  const watcher = watchFiles(() => void session.run("record").then((run) => done(run)));
  const pairs: Pair[] = [];
  try {
    await session.run("record");
    watcher.set(session.inputs());
    for (let n = 1; n <= ROUNDS; n++) {
      await untilReady(sandbox);
      const ended = new Promise<DevRun>((resolve) => {
        done = resolve;
      });
      const saved = performance.now();
      await writeFile(file, source(n));
      const run = await ended;
      const value = performance.now() - saved;
      if (run.problem || run.runs.some(({ failure }) => failure)) throw new Error("the plugin failed");
      await untilReady(sandbox);
      const began = performance.now();
      const bare = await sandbox.load("bench-loop.ts", Buffer.from(source(-n)));
      pairs.push({ value, floor: performance.now() - began });
      sandbox.retire(bare);
    }
  } finally {
    watcher.close();
    await session.close();
    await sandbox.close();
  }
  return [compared("dev", "save to result in hitagi dev, against a bare load", "ms", comparisonOf(pairs))];
};
