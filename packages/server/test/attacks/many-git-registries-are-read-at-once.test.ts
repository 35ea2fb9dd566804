import { chmod, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { searchPath } from "../../src/config/config.ts";
import { createGitSource } from "../../src/sources/git.ts";
import { createHttp } from "../../src/sources/http.ts";
import { tempFolder } from "../support/temp-folder.ts";

const REGISTRIES = 20;
/** Repositories that are read at once. */
const AT_ONCE = 4;

/** A program in place of git that notes its start and waits until a file is there. */
const waitingGit = async (): Promise<{
  binary: string;
  started(): Promise<number>;
  release(): Promise<void>;
}> => {
  const folder = await tempFolder();
  const binary = path.join(folder, "git");
  await writeFile(
    binary,
    `#!/bin/sh
: > "${folder}/started.$$"
while [ ! -e "${folder}/release" ]; do sleep 0.02; done
exit 1
`,
  );
  await chmod(binary, 0o755);
  return {
    binary,
    started: async () => (await readdir(folder)).filter((name) => name.startsWith("started.")).length,
    release: () => writeFile(path.join(folder, "release"), ""),
  };
};

test.skipIf(process.platform === "win32")(
  "however many git registries are read, git runs for a few of them at once",
  async () => {
    const { binary, started, release } = await waitingGit();
    const http = createHttp({ attempts: 1, baseMs: 5 });
    onTestFinished(() => http.close());
    const source = createGitSource({
      http,
      git: {
        ...{ binary, folder: await tempFolder(), searchPath: searchPath(), network: {} },
        retry: { attempts: 1, baseMs: 1 },
      },
    });
    const reads = Array.from({ length: REGISTRIES }, (_, n) =>
      source.fetch({ name: "r", provider: "git", url: `https://127.0.0.${n + 1}/r.git` }, "registry.json", {
        ...{ maxBytes: 1000, timeoutMs: 60_000 },
      }),
    );
    const all = Promise.allSettled(reads);
    await vi.waitFor(async () => expect(await started()).toBe(AT_ONCE), { timeout: 60_000 });
    await release();
    for (const { status } of await all) expect(status).toBe("rejected");
    expect(await started()).toBeGreaterThanOrEqual(REGISTRIES);
  },
);
