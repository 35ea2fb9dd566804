import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { repeat } from "../../src/async/repeat.ts";
import { gitHost, openGit } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MB = 1024 * 1024;
const authority = await makeAuthority();
const limits = { maxBytes: 1000, timeoutMs: 60_000 };

/** The largest memory that a process in a folder has had so far, in bytes (Linux). */
const peakIn = (folder: string): number => {
  const peaks = readdirSync("/proc").map((pid) => {
    try {
      if (!readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)) return 0;
      return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(...peaks);
};

/** A repository whose commit has a message of this size, which fits into a small pack. */
const withMessage = async (bytes: number) => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the index");
  const host = await gitHost({ authority });
  await host.repository.publish(folder);
  const message = path.join(await tempFolder(), "message");
  const file = await open(message, "w");
  for (let n = 0; n < bytes / MB; n++) await file.write(Buffer.alloc(MB, "x"));
  await file.close();
  const tree = await host.repository.git("rev-parse", "main^{tree}");
  const commit = await host.repository.git("commit-tree", tree, "-F", message);
  await host.repository.git("update-ref", "refs/heads/main", commit);
  return host;
};

test.runIf(process.platform === "linux")(
  "a commit of 200 MB in a small pack is refused at the limit of the memory",
  async () => {
    const { url } = await withMessage(200 * MB);
    const { source, folder } = await openGit(authority.ca, { memoryBytes: 64 * MB });
    let peak = 0;
    const look = async () => {
      peak = Math.max(peak, peakIn(folder));
    };
    const stop = repeat(look, { everyMs: 10, onError: () => {} });
    const fields = { name: "g", provider: "git" as const, url };
    await expect(source.fetch(fields, "registry.json", limits)).rejects.toMatchObject({
      code: "SOURCE_UNREACHABLE",
      params: { reason: "git would need too much memory or disk for it" },
    });
    await stop();
    expect(peak).toBeGreaterThan(MB);
    expect(peak).toBeLessThan(110 * MB);
  },
);

test("a commit with a long message is read", async () => {
  const { url } = await withMessage(4 * MB);
  const { source } = await openGit(authority.ca);
  const fetched = await source.fetch({ name: "g", provider: "git", url }, "registry.json", limits);
  expect(fetched.changed && fetched.bytes.toString()).toBe("the index");
});
