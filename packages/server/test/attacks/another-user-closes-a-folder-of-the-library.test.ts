import { execFileSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { bearer } from "../http/test-server.ts";
import { cbz } from "../library/cbz.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { withoutRoot } from "../support/without-root.ts";

/** A server that may be in trouble with a folder of its library, and what it logs. */
const serve = async (folder: string) => {
  const logged: string[] = [];
  const settings = {
    ...{ data: path.join(folder, "data"), library: path.join(folder, "library") },
    ...{ port: "0", warm: "0", settle: "0" },
  };
  const server = await startServer(
    readConfig(settings, {}),
    pino({}, { write: (line) => void logged.push(line) }),
  );
  const headers = bearer(server.apiKey.key);
  const listed = async () => {
    const answer = await fetch(`${server.address}/api/archives?check=true`, { headers });
    return (await answer.json()) as { filename: string; missing?: boolean }[];
  };
  return { server, logged, listed };
};

/** Adds archives before and after a scan: both must be found, the second by a watch of the folder. */
const expectServed = async (folder: string): Promise<void> => {
  const library = path.join(folder, "library");
  await writeFile(path.join(library, "zzz.cbz"), cbz("first"));
  const { server, logged, listed } = await serve(folder);
  try {
    await expect.poll(listed).toMatchObject([{ filename: "zzz" }]);
    await writeFile(path.join(library, "zzzz.cbz"), cbz("second"));
    await expect.poll(listed).toHaveLength(2);
    expect((await listed()).filter(({ missing }) => missing)).toEqual([]);
    await expect.poll(() => logged.join("")).toMatch(/it cannot be read \((?:EACCES|ENAMETOOLONG)\)/);
    expect(logged.join("")).not.toContain("could not be scanned");
  } finally {
    await server.stop();
  }
};

test.skipIf(process.platform === "win32")(
  "a folder that the server may not read, as lost+found, does not keep others from the library",
  async () => {
    const folder = await tempFolder();
    const library = path.join(folder, "library");
    const closed = path.join(library, "lost+found");
    const unlisted = path.join(library, "names-only");
    for (const one of [closed, unlisted]) await mkdir(one, { recursive: true });
    await writeFile(path.join(unlisted, "a.cbz"), cbz("hidden"));
    onTestFinished(async () => {
      for (const one of [closed, unlisted]) await chmod(one, 0o700);
    });
    await withoutRoot([folder, library, closed, unlisted], async () => {
      await chmod(closed, 0);
      await chmod(unlisted, 0o400);
      await expectServed(folder);
    });
  },
);

test.skipIf(process.platform === "win32")(
  "a folder that is deeper than a path may be long does not keep others from the library",
  async () => {
    const folder = await tempFolder();
    const library = path.join(folder, "library");
    await mkdir(library);
    const script = 'for (1..20) { mkdir "x" x 240 or die; chdir "x" x 240 or die }';
    execFileSync("perl", ["-e", script], { cwd: library });
    try {
      await expectServed(folder);
    } finally {
      // Node cannot remove it.
      execFileSync("rm", ["-rf", library]);
    }
  },
);
