import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createGitSource } from "../../src/sources/git.ts";
import { createHttp } from "../../src/sources/http.ts";
import { gitHost } from "../sources/git-world.ts";
import { makeAuthority } from "../support/authority.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";

const authority = await makeAuthority();
const limits = { maxBytes: 1000, timeoutMs: 150_000 };

/** A registry in a repository whose cache was filled, and how a server reads its next index. */
const cached = async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the first index");
  const host = await gitHost({ authority, folder });
  const data = await tempFolder();
  const git = path.join(data, "git");
  const http = createHttp({ attempts: 1, baseMs: 5 }, { ca: authority.ca });
  onTestFinished(() => http.close());
  const start = () => createGitSource(sourceDeps(http, git, { ca: authority.ca }));
  const source = start();
  const fields = { name: "g", provider: "git" as const, url: host.url };
  await source.fetch(fields, "registry.json", limits);
  const ran = path.join(data, "ran");
  const script = path.join(data, "script");
  await writeFile(script, `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
  await writeFile(path.join(folder, "registry.json"), "the second index");
  const readNext = async (isRestarted: boolean) => {
    const server = isRestarted ? start() : source;
    const fetched = await server.fetch(fields, "registry.json", limits);
    return fetched.changed && fetched.bytes.toString();
  };
  return { git, ran, script, readNext };
};

/** A repository with one object store and one ref, which git asks for its refs if it is an alternate. */
const makeAlternate = async (place: string): Promise<string> => {
  for (const part of ["objects/info", "refs"]) await mkdir(path.join(place, part), { recursive: true });
  await writeFile(path.join(place, "HEAD"), "ref: refs/heads/main\n");
  return path.join(place, "objects");
};

/** Each kind of file in git's own folder that names a command, and what else that needs. */
const configs: [string, (script: string) => string][] = [
  ["core.alternateRefsCommand", (script) => `[core]\n\talternateRefsCommand = ${script}`],
  ["include.path", (script) => `[include]\n\tpath = ${script}.inc`],
  ["includeIf", (script) => `[includeIf "gitdir/i:**"]\n\tpath = ${script}.inc`],
  ["a rewritten address", (script) => `[url "ext::${script} "]\n\tinsteadOf = https://`],
  [
    "each other key that names a program",
    (script) =>
      [
        "[core]",
        ...["fsmonitor", "sshCommand", "gitProxy", "askPass", "editor", "pager"].map(
          (key) => `\t${key} = ${script}`,
        ),
        `\thooksPath = ${path.dirname(script)}/hooks`,
        `[credential]\n\thelper = ${script}`,
        `[credential "https://127.0.0.1"]\n\thelper = ${script}`,
        `[remote "origin"]\n\tuploadpack = ${script}\n\tvcs = ${script}\n\tproxy = http://127.0.0.1:1`,
        `[uploadpack]\n\tpackObjectsHook = ${script}`,
        `[protocol]\n\tallow = always`,
        `[gpg]\n\tprogram = ${script}`,
        `[diff]\n\texternal = ${script}`,
        `[filter "x"]\n\tsmudge = ${script}\n\tprocess = ${script}`,
        `[alias]\n\tfetch = !${script}\n\tremote-https = !${script}`,
      ].join("\n"),
  ],
];

const foldersBelow = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder, { withFileTypes: true, recursive: true });
  const folders = found.filter((one) => one.isDirectory());
  return [folder, ...folders.map(({ parentPath, name }) => path.join(parentPath, name))];
};

/** Makes a folder look as git's own one to any process of git that works in it, or above it. */
const plantIn = async (folder: string, config: string, script: string, alternate: string): Promise<void> => {
  const file = async (name: string, text: string) => {
    const place = path.join(folder, name);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
  };
  await file("config", `[extensions]\n\tworktreeConfig = true\n${config}\n`);
  await file("config.worktree", `${config}\n`);
  await file(".git/config", `${config}\n`);
  await file(".gitconfig", `${config}\n`);
  await file("git/config", `${config}\n`);
  await file("info/alternates", `${alternate}\n`);
  await file("objects/info/alternates", `${alternate}\n`);
  await mkdir(path.join(folder, "hooks"), { recursive: true });
  for (const hook of ["reference-transaction", "post-index-change", "pre-auto-gc"]) {
    await rm(path.join(folder, "hooks", hook), { force: true });
    await symlink(script, path.join(folder, "hooks", hook));
  }
};

describe.each([
  ["before the server starts", true],
  ["while the server runs", false],
])("in the folder of git, %s,", (_, isRestarted) => {
  test.each(configs)("%s runs nothing", async (_, configOf) => {
    const { git, ran, script, readNext } = await cached();
    await writeFile(`${script}.inc`, `[core]\n\talternateRefsCommand = ${script}\n`);
    const alternate = await makeAlternate(`${git}-other`);
    for (const folder of await foldersBelow(git)) await plantIn(folder, configOf(script), script, alternate);
    expect(await readNext(isRestarted)).toBe("the second index");
    expect(existsSync(ran)).toBe(false);
  });

  test("a commondir runs nothing", async () => {
    const { git, ran, script, readNext } = await cached();
    const alternate = await makeAlternate(`${git}-other`);
    const common = `${git}-common`;
    await mkdir(common);
    await plantIn(common, `[core]\n\talternateRefsCommand = ${script}`, script, alternate);
    for (const folder of await foldersBelow(git)) {
      await writeFile(path.join(folder, "commondir"), `${common}\n`);
    }
    expect(await readNext(isRestarted)).toBe("the second index");
    expect(existsSync(ran)).toBe(false);
  });

  test("an alternate lends no objects", async () => {
    const { git, readNext } = await cached();
    const [name = ""] = await readdir(path.join(git, "repositories"));
    const place = path.join(git, "repositories", name);
    // A file that git cannot read as an object store makes each read warn, and one that it can adds objects.
    await mkdir(path.join(place, "info"), { recursive: true });
    await writeFile(path.join(place, "info", "alternates"), `${git}-other/objects\n`);
    expect(await readNext(isRestarted)).toBe("the second index");
    expect(existsSync(path.join(place, "info"))).toBe(false);
  });
});

test("after a read, no folder of git's own is left", async () => {
  const { git, readNext } = await cached();
  expect(await readdir(path.join(git, "work"))).toEqual([]);
  await readNext(false);
  expect(await readdir(path.join(git, "work"))).toEqual([]);
});

test("objects that are removed while the server runs are fetched again", async () => {
  const { git, readNext } = await cached();
  await rm(path.join(git, "repositories"), { recursive: true });
  expect(await readNext(false)).toBe("the second index");
});

test("links in the folder of git lead nowhere", async () => {
  const outside = await tempFolder();
  const victim = path.join(outside, "victim");
  await writeFile(victim, "untouched");
  const { git, readNext } = await cached();
  for (const name of ["work", "repositories"]) {
    await rm(path.join(git, name), { recursive: true, force: true });
    await symlink(outside, path.join(git, name));
  }
  await symlink(victim, path.join(git, "known_hosts"));
  expect(await readNext(true)).toBe("the second index");
  expect(await readdir(outside)).toEqual(["victim"]);
  expect(await readFile(victim, "utf8")).toBe("untouched");
  expect(await readdir(git)).not.toContain("known_hosts");
});
