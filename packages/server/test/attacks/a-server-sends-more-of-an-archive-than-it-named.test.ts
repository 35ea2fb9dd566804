import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { archiveBytes } from "@hitagi/sdk/testing";
import { expect, onTestFinished, test } from "vitest";
import { openCliWorld, runCaptured } from "../cli/cli-world.ts";
import { alteringProxy } from "../support/altering-proxy.ts";

const MIB = 1024 * 1024;
const SENT_MIB = 300;

const PLUGIN = `export default {
  namespace: "shelf", type: "metadata", name: "Shelf", version: "1.0.0", author: "me", description: "Tags nothing.",
  getTags: () => ({ tags: [] }),
};
`;

test("dev stops the copy of an archive beyond the size that the server named, and leaves nothing of it", async () => {
  const world = await openCliWorld();
  onTestFinished(() => world.close());
  await writeFile(path.join(world.folder, "shelf.ts"), PLUGIN);
  await writeFile(path.join(world.folder, "snail.cbz"), archiveBytes({ pages: 1 }));
  await world.run("library", "add", "snail.cbz");

  let made = 0;
  const bytes = function* () {
    for (; made < SENT_MIB; made++) yield Buffer.alloc(MIB);
  };
  const closings: Promise<unknown>[] = [];
  const server = await alteringProxy(world.server.address, {
    json: (body) => body,
    download: (response: ServerResponse) => {
      closings.push(once(response, "close"));
      response.writeHead(200, { "content-type": "application/zip" });
      Readable.from(bytes()).pipe(response);
    },
  });
  const { code, err } = await runCaptured(["dev", "shelf.ts", "--once", "--archive-id", "snail.cbz"], {
    cwd: world.folder,
    env: { HITAGI_SERVER: server },
  });
  expect([code, err]).toEqual([1, expect.stringMatching(/sends more of snail\.cbz than the .*\nhint: /)]);
  await Promise.all(closings);
  expect(closings).toHaveLength(1);
  expect(made).toBeLessThan(SENT_MIB);
  expect((await readdir(tmpdir())).filter((name) => name.startsWith("hitagi-archives-"))).toEqual([]);
});
