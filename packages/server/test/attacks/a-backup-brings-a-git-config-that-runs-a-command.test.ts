import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createGitSource } from "../../src/sources/git.ts";
import { createHttp } from "../../src/sources/http.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

const authority = await makeAuthority();
const limits = { maxBytes: 1000, timeoutMs: 20_000 };

/** A registry in a repository whose cache was filled, and a second start of the server on the same folder. */
const restored = async (plant: (repository: string, script: string, git: string) => Promise<void>) => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the first index");
  const host = await gitHost({ authority, folder });
  const data = await tempFolder();
  const git = path.join(data, "git");
  const http = createHttp({ attempts: 1, baseMs: 5 }, { ca: authority.ca });
  const start = () => createGitSource(sourceDeps(http, git, { ca: authority.ca }));
  const fields = { name: "g", provider: "git" as const, url: host.url };
  await start().fetch(fields, "registry.json", limits);
  const [name = ""] = await readdir(path.join(git, "repositories"));
  const ran = path.join(data, "ran");
  const script = path.join(data, "script");
  await writeFile(script, `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
  await plant(path.join(git, "repositories", name), script, git);
  await writeFile(path.join(folder, "registry.json"), "the second index");
  const fetched = await start().fetch(fields, "registry.json", limits);
  await http.close();
  return { ran, git, text: fetched.changed && fetched.bytes.toString() };
};

const appendConfig = (config: (script: string) => string) => async (repository: string, script: string) => {
  const file = path.join(repository, "config");
  await writeFile(file, `${await readFile(file, "utf8")}\n${config(script)}\n`);
};

/** An alternate makes git run the command of `core.alternateRefsCommand` in each fetch. */
const withAlternate = async (repository: string) => {
  const other = `${repository}-other`;
  for (const part of ["objects/info", "refs"]) await mkdir(path.join(other, part), { recursive: true });
  await writeFile(path.join(other, "HEAD"), "ref: refs/heads/main\n");
  await mkdir(path.join(repository, "objects", "info"), { recursive: true });
  await writeFile(path.join(repository, "objects", "info", "alternates"), `${other}/objects\n`);
};

const withAlternateCommand = async (repository: string, script: string) => {
  await withAlternate(repository);
  await appendConfig((command) => `[core]\n\talternateRefsCommand = ${command}`)(repository, script);
};

test.each<[string, Parameters<typeof restored>[0]]>([
  ["core.alternateRefsCommand", withAlternateCommand],
  [
    "include.path",
    async (repository, script) => {
      await withAlternate(repository);
      await writeFile(`${repository}.inc`, `[core]\n\talternateRefsCommand = ${script}\n`);
      await appendConfig(() => `[include]\n\tpath = ${repository}.inc`)(repository, script);
    },
  ],
  [
    "core.fsmonitor and core.sshCommand",
    appendConfig((s) => `[core]\n\tfsmonitor = ${s}\n\tsshCommand = ${s}`),
  ],
  [
    "core.gitProxy and a rewritten address",
    appendConfig((s) => `[url "ext::${s} "]\n\tinsteadOf = https://`),
  ],
  ["a credential helper", appendConfig((s) => `[credential "https://127.0.0.1"]\n\thelper = ${s}`)],
  [
    "a commondir",
    async (repository, script) => {
      await withAlternateCommand(repository, script);
      await rename(repository, `${repository}-common`);
      await mkdir(repository);
      await writeFile(path.join(repository, "HEAD"), "ref: refs/heads/main\n");
      await writeFile(path.join(repository, "commondir"), `${repository}-common\n`);
    },
  ],
  [
    "hooks",
    async (repository, script) => {
      await mkdir(path.join(repository, "hooks"), { recursive: true });
      await symlink(script, path.join(repository, "hooks", "reference-transaction"));
      await appendConfig(() => `[core]\n\thooksPath = ${repository}/hooks`)(repository, script);
    },
  ],
])("a restored cache with %s runs nothing", async (_, plant) => {
  const { ran, text } = await restored(plant);
  expect(text).toBe("the second index");
  expect(existsSync(ran)).toBe(false);
});

test("links in the folder of git lead nowhere", async () => {
  const outside = await tempFolder();
  const victim = path.join(outside, "victim");
  await writeFile(victim, "untouched");
  const { text, git } = await restored(async (_repository, _script, folder) => {
    for (const name of ["home", "keys", "repositories"]) {
      await rm(path.join(folder, name), { recursive: true, force: true });
      await symlink(outside, path.join(folder, name));
    }
    await rm(path.join(folder, "authorities.pem"), { force: true });
    for (const name of ["authorities.pem", "known_hosts"]) await symlink(victim, path.join(folder, name));
  });
  expect(text).toBe("the second index");
  expect(await readdir(outside)).toEqual(["victim"]);
  expect(await readFile(victim, "utf8")).toBe("untouched");
  expect(await readdir(git)).not.toContain("known_hosts");
});
