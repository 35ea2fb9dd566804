import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { runCaptured } from "../cli/cli-world.ts";
import { forgeServer } from "../sources/forge-server.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { makeRepository } from "../support/git-repository.ts";
import { commandLines } from "../support/processes.ts";
import { fixtureIndex } from "../support/registry-fixture.ts";
import { makeSshKey, sshd, sshServer } from "../support/sshd.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Planted wherever a secret may stand; no trace may be found of them. */
const TOKENS = [
  "PLANTED-forge-token",
  "PLANTED-git-token",
  "PLANTED-wrong-token",
  "PLANTED-in-address",
] as const;
const [FORGE, GIT, WRONG, ADDRESS] = TOKENS;
const basic = (text: string) => Buffer.from(text).toString("base64").replace(/=+$/, "").slice(0, -2);

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** Every file below a folder but the database, which is where secrets are kept. */
const filesBelow = async (folder: string): Promise<[string, string][]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !/^hitagi\.db/.test(entry.name));
  const names = files.map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(names.map(async (name) => [name, await readFile(name, "latin1")] as [string, string]));
};

// Only there are the processes of a machine files to read.
test.runIf(process.platform === "linux")(
  "no secret is in any answer, output, log, file or command line",
  async () => {
    const authority = await makeAuthority();
    const folder = await tempFolder();
    const content = path.join(folder, "content");
    await mkdir(content);
    await writeFile(path.join(content, "registry.json"), JSON.stringify(fixtureIndex([])));
    const seen: string[] = [];
    const processes: string[] = [];
    const look = async () => {
      processes.push(...commandLines());
      return false;
    };

    const forge = await forgeServer({ forge: "gitea", authority, folder: content, token: FORGE });
    const git = await gitHost({ authority, folder: content, token: GIT, before: look });
    await writeFile(path.join(folder, "ca.pem"), authority.ca);
    const log = new PassThrough();
    log.on("data", (chunk: Buffer) => seen.push(chunk.toString()));
    const data = path.join(folder, "data");
    const config = readConfig(
      { data, port: "0", warm: "0", log: "trace", caFile: path.join(folder, "ca.pem") },
      {},
    );
    const server = await startServer(config, createLog("trace", log));
    closers.push(() => server.stop());

    const run = async (stdin: string, ...argv: string[]) => {
      const input = new PassThrough();
      input.end(stdin);
      const env = { HITAGI_SERVER: server.address };
      const ran = await runCaptured(argv, { cwd: folder, env, stdin: input });
      seen.push(ran.out, ran.err);
      return ran;
    };

    const add = ["registry", "add"];
    const added = await run(FORGE, ...add, `${forge.base}/owner/repo`, "--token-stdin", "--name", "forge");
    expect([added.code, added.err]).toEqual([0, expect.stringContaining("a gitea registry")]);
    await writeFile(path.join(folder, "token"), `${GIT}\n`);
    expect((await run("", ...add, git.url, "--token-file", "token", "--name", "git")).code).toBe(0);
    expect((await run(WRONG, "registry", "test", git.url, "--token-stdin")).code).toBe(1);
    expect((await run(WRONG, "registry", "update", "forge", "--token-stdin", "--yes")).code).toBe(0);
    expect((await run("", "registry", "refresh")).code).toBe(1);
    expect((await run("", ...add, `https://me:${ADDRESS}@host.example/a/b`)).code).toBe(1);
    expect((await run("", ...add, `${forge.base}/a/b?token=${ADDRESS}`)).code).toBe(1);
    expect((await run("", ...add, `https://glpat-${ADDRESS}@host.example/a/b`)).code).toBe(1);
    expect((await run("", "registry", "refresh", `https://me:${ADDRESS}@host.example/a/b`)).code).toBe(1);

    const secrets: string[] = [...TOKENS, ...TOKENS.map((token) => basic(`x-access-token:${token}`))];
    if (sshd) {
      const key = await makeSshKey();
      const repository = await makeRepository(path.join(folder, "bare", "repo.git"));
      const host = await sshServer(key.open, async () => {
        await look();
        await repository.publish(content);
      });
      await writeFile(path.join(folder, "id"), key.secret);
      const ssh = await run(
        "",
        ...add,
        `${host.address}${repository.place}`,
        "--ssh-key",
        "id",
        "--name",
        "ssh",
      );
      expect([ssh.code, ssh.err]).toEqual([0, expect.stringContaining("a git registry")]);
      secrets.push(...key.secret.split("\n").slice(1, -2));
      expect(processes.some((line) => line.includes("ssh") && line.includes("StrictHostKeyChecking"))).toBe(
        true,
      );
    }
    await run("", "registry", "list");
    await run("", "registry", "list", "--json");

    expect(processes.some((line) => line.includes("ls-remote"))).toBe(true);
    const files = await filesBelow(data);
    expect(files.length).toBeGreaterThan(0);
    for (const secret of secrets) {
      expect(
        seen.filter((text) => text.includes(secret)),
        "an output or the log",
      ).toEqual([]);
      expect(
        processes.filter((line) => line.includes(secret)),
        "a command line",
      ).toEqual([]);
      expect(files.filter(([, text]) => text.includes(secret)).map(([name]) => name)).toEqual([]);
    }
  },
);
