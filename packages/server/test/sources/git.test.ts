import { execFileSync } from "node:child_process";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { FetchOptions } from "../../src/sources/types.ts";
import { makeAuthority } from "../support/authority.ts";
import { proxyTo } from "../support/connect-proxy.ts";
import { commandLines } from "../support/processes.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { gitHost, openGit } from "./git-world.ts";
import { sourceContract } from "./source-contract.ts";
import { treeContract } from "./tree-contract.ts";

const authority = await makeAuthority("registry.test");
const limits: FetchOptions = { maxBytes: 1000, timeoutMs: 150_000 };
const TOKEN = "glpat-secret-of-a-test";
const secret = { credential: { kind: "token" as const, secret: TOKEN } };

const reach = async (folder: string) => {
  const { url } = await gitHost({ authority, folder });
  const { source } = await openGit(authority.ca);
  return { source, fields: { name: "g", provider: "git" as const, url } };
};
sourceContract("git over https", reach);
treeContract("git over https", reach);

/** A host whose repository has `registry.json`, and the driver. */
const open = async (options: Partial<Parameters<typeof gitHost>[0]> = {}) => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the index");
  const host = await gitHost({ authority, folder, ...options });
  const { source, folder: cache } = await openGit(authority.ca);
  const fields = { name: "g", provider: "git" as const, url: host.url };
  const read = async (change: object = {}, given: object = {}, file = "registry.json") => {
    const got = await source.fetch({ ...fields, ...change }, file, { ...limits, ...given });
    return got.changed ? got.bytes.toString() : got;
  };
  return { folder, host, source, fields, read, cache };
};

describe("a repository over https", () => {
  test("is read at a branch, a tag, a commit, and in a folder", async () => {
    const { folder, host, read } = await open();
    await read();
    const first = await host.repository.git("rev-parse", "refs/heads/main");
    await host.repository.git("tag", "--annotate", "-m", "one", "v1", first);
    await mkdir(path.join(folder, "deep", "er"), { recursive: true });
    await writeFile(path.join(folder, "deep", "er", "registry.json"), "deeper");
    await writeFile(path.join(folder, "registry.json"), "changed");
    await host.repository.publish(folder, "feature/x");
    expect(await read()).toBe("changed");
    for (const ref of ["v1", first, "refs/tags/v1"]) expect(await read({ ref })).toBe("the index");
    expect(await read({ ref: "feature/x", folder: "deep/er" })).toBe("deeper");
    expect(await read({ ref: "refs/heads/main" })).toBe("changed");
  });

  test("needs one list of refs when the file is unchanged, also after another commit", async () => {
    const { folder, host, source, fields } = await open();
    const first = await source.fetch(fields, "registry.json", limits);
    if (!first.changed) throw new Error("the first fetch compares with nothing");
    const { validators } = first;
    host.asked.length = 0;
    expect(await source.fetch(fields, "registry.json", { ...limits, validators })).toEqual({
      changed: false,
    });
    expect(host.asked).toEqual([
      "GET /group/repo.git/info/refs?service=git-upload-pack",
      "POST /group/repo.git/git-upload-pack",
    ]);
    await writeFile(path.join(folder, "other"), "x");
    expect(await source.fetch(fields, "registry.json", { ...limits, validators })).toEqual({
      changed: false,
    });
  });

  test("is fetched shallow and without other files", async () => {
    const { folder, host, read, cache } = await open();
    await host.repository.publish(folder);
    const parent = await host.repository.git("rev-parse", "refs/heads/main");
    await writeFile(path.join(folder, "large"), "x".repeat(100_000));
    await read();
    await writeFile(path.join(folder, "registry.json"), "changed");
    expect(await read()).toBe("changed");
    const [name = ""] = await readdir(path.join(cache, "repositories"));
    const large = await host.repository.git("rev-parse", "refs/heads/main:large");
    const objects = execFileSync(
      "git",
      ["--git-dir", host.repository.place, "cat-file", "--batch-all-objects", "--batch-check"],
      { env: { ...process.env, GIT_OBJECT_DIRECTORY: path.join(cache, "repositories", name) } },
    ).toString();
    expect(objects).toContain(await host.repository.git("rev-parse", "refs/heads/main"));
    expect(objects).not.toContain(parent);
    expect(objects).not.toContain(large);
  });

  test("follows no links and no submodules", async () => {
    const { folder, host, read } = await open();
    await symlink("/etc/hostname", path.join(folder, "link"));
    await symlink(".", path.join(folder, "here"));
    await read();
    const commit = await host.repository.git("rev-parse", "refs/heads/main");
    const { git } = host.repository;
    await git("update-index", "--add", "--cacheinfo", `160000,${commit},sub`);
    const withSub = await git("commit-tree", await git("write-tree"), "-m", "Add a submodule");
    await git("update-ref", "refs/heads/sub", withSub);
    expect(await read({ ref: "sub" })).toBe("the index");
    for (const file of ["link", "here/registry.json", "sub", "sub/registry.json"]) {
      await expect(read({ ref: "sub" }, {}, file)).rejects.toMatchObject({ code: "SOURCE_FILE_MISSING" });
    }
  });

  test("accepts a token and distinguishes a missing one from a wrong one", async () => {
    const { read } = await open({ token: TOKEN });
    expect(await read({}, secret)).toBe("the index");
    await expect(read()).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_NEEDED" });
    const wrong = { credential: { kind: "token", secret: "wrong-token-of-a-test" } };
    await expect(read({}, wrong)).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_REFUSED" });
  });

  test("needs the credential of each registry, also when it is cached", async () => {
    const { read, host } = await open({ token: TOKEN });
    await read({}, secret);
    const commit = await host.repository.git("rev-parse", "refs/heads/main");
    for (const ref of ["main", commit]) {
      await expect(read({ ref })).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_NEEDED" });
    }
  });

  test("distinguishes a missing repository, ref and file", async () => {
    const { host, read } = await open();
    const url = `${host.origin}/group/other.git`;
    await expect(read({ url })).rejects.toMatchObject({ code: "SOURCE_REPOSITORY_MISSING" });
    await expect(read({ ref: "mian" })).rejects.toMatchObject({ code: "SOURCE_REF_MISSING" });
    await expect(read({ ref: "0".repeat(40) })).rejects.toMatchObject({ code: "SOURCE_REF_MISSING" });
    await expect(read({}, {}, "no.ts")).rejects.toMatchObject({ code: "SOURCE_FILE_MISSING" });
  });

  const answering =
    (status: number, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, headers).end();
      return true;
    };

  test.each([
    [403, "SOURCE_CREDENTIAL_REFUSED"],
    [429, "SOURCE_RATE_LIMITED"],
    [500, "SOURCE_STATUS"],
    [503, "SOURCE_STATUS"],
    [302, "SOURCE_REDIRECT"],
  ])("answering %i is %s", async (status, code) => {
    const { read } = await open({ before: answering(status, { location: "https://127.0.0.1/x" }) });
    await expect(read({}, secret)).rejects.toMatchObject({ code });
  });

  test.each([500, 503, 429])("with a temporary %i is retried", async (status) => {
    let answers = 0;
    const before = (request: IncomingMessage, response: ServerResponse) =>
      ++answers < 3 && answering(status)(request, response);
    const { read } = await open({ before });
    expect(await read()).toBe("the index");
  });

  test("that denies access gets no retry", async () => {
    const { read, host } = await open({ before: answering(403) });
    await expect(read({}, secret)).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_REFUSED" });
    expect(host.asked.length).toBe(1);
  });

  test("that moved is followed, and the result has its new address", async () => {
    const { read, host, source, fields } = await open({
      before: (request, response) => {
        if (!request.url?.startsWith("/old/")) return false;
        return answering(301, { location: request.url.replace("/old/", "/group/") })(request, response);
      },
    });
    const url = `${host.origin}/old/repo.git`;
    expect(await read({ url })).toBe("the index");
    expect(await source.fetch({ ...fields, url }, "registry.json", limits)).toMatchObject({
      moved: host.url,
    });
  });

  test("of an unknown authority is not trusted", async () => {
    const { host } = await open();
    const { source } = await openGit();
    const fields = { name: "g", provider: "git" as const, url: host.url };
    await expect(source.fetch(fields, "registry.json", limits)).rejects.toMatchObject({
      code: "SOURCE_CERTIFICATE",
    });
  });

  // Only there are the processes of a machine files to read.
  test.runIf(process.platform === "linux")(
    "that hangs is aborted at the deadline, and its processes end",
    async () => {
      let begun = 0;
      const { read, host } = await open({
        before: () => {
          begun = running().length;
          return true;
        },
      });
      const running = (): string[] => commandLines().filter((line) => line.includes(host.origin));
      // On a loaded machine the first deadlines may pass before the host is asked.
      for (let timeoutMs = 1000; begun === 0; timeoutMs *= 2)
        await expect(read({}, { timeoutMs })).rejects.toMatchObject({ code: "SOURCE_TIMEOUT" });
      expect(begun).toBeGreaterThan(1);
      await vi.waitFor(() => expect(running()).toEqual([]));
    },
  );

  test("that exceeds the cache limit is refused, and its cache is removed", async () => {
    const folder = await tempFolder();
    // Trees cannot be left out: many names make many bytes.
    for (let n = 0; n < 300; n++) await writeFile(path.join(folder, `${n}-${"x".repeat(150)}`), String(n));
    await writeFile(path.join(folder, "registry.json"), "the index");
    const host = await gitHost({ authority, folder });
    const { source, folder: cache } = await openGit(authority.ca, { maxBytes: 4000 });
    const fields = { name: "g", provider: "git" as const, url: host.url };
    await expect(source.fetch(fields, "registry.json", limits)).rejects.toMatchObject({
      code: "SOURCE_TOO_LARGE",
    });
    expect(await readdir(path.join(cache, "repositories"))).toEqual([]);
  });

  test("is read by many concurrently", async () => {
    const { folder, read } = await open();
    const names = Array.from({ length: 8 }, (_, n) => `${n}.ts`);
    for (const name of names) await writeFile(path.join(folder, name), name);
    expect(await Promise.all(names.map((name) => read({}, {}, name)))).toEqual(names);
  });
});

describe("the tree of a repository", () => {
  const tree = {
    ...{ accepts: (file: string) => file.endsWith(".pm"), enters: () => true, timeoutMs: 150_000 },
    ...{ maxFiles: 100, maxFileBytes: 1000, maxBytes: 100_000 },
  };
  const openTree = async (options: Partial<Parameters<typeof gitHost>[0]> = {}) => {
    const opened = await open(options);
    for (const n of [1, 2, 3]) await writeFile(path.join(opened.folder, `${n}.pm`), `file ${n}`);
    const readTree = async (change: object = {}) =>
      opened.source.readTree?.({ ...opened.fields, ...change }, tree);
    return { ...opened, readTree };
  };

  test("is that of the commit of its ref, with the commit's time", async () => {
    const { host, folder, readTree } = await openTree();
    await readTree();
    const first = await host.repository.git("rev-parse", "refs/heads/main");
    const time = Number(await host.repository.git("log", "-1", "--format=%ct", first));
    await host.repository.git("tag", "--annotate", "-m", "one", "v1", first);
    await writeFile(path.join(folder, "4.pm"), "file 4");
    expect(await readTree({ ref: "v1" })).toMatchObject({ commit: first, time, files: [{}, {}, {}] });
    expect(await readTree()).toMatchObject({ files: [{}, {}, {}, {}] });
  });

  test("is that of its folder, with paths from there", async () => {
    const { folder, readTree } = await openTree();
    await mkdir(path.join(folder, "lib", "deep"), { recursive: true });
    await writeFile(path.join(folder, "lib", "deep", "a.pm"), "below");
    expect(await readTree({ folder: "lib" })).toMatchObject({
      files: [{ path: "deep/a.pm", bytes: Buffer.from("below") }],
    });
    await expect(readTree({ folder: "no/such" })).rejects.toMatchObject({ code: "SOURCE_FILE_MISSING" });
  });

  test("is fetched by one request for all files, and only what is new is fetched again", async () => {
    const { host, folder, readTree } = await openTree();
    await readTree();
    const requests = () => host.asked.filter((asked) => asked.startsWith("POST")).length;
    // The refs, the commit, and its files.
    expect(requests()).toBe(3);
    await writeFile(path.join(folder, "4.pm"), "file 4");
    await readTree();
    expect(requests()).toBe(6);
    await readTree();
    expect(requests()).toBe(7);
  });

  test("is read from a host that does not serve single files", async () => {
    const { host, readTree } = await openTree();
    await host.repository.git("config", "uploadpack.allowFilter", "false");
    expect(await readTree()).toMatchObject({ files: [{ bytes: Buffer.from("file 1") }, {}, {}] });
  });
});

test("a proxy is used for other hosts, not for this machine", async () => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the index");
  const { origin, url } = await gitHost({ authority, folder });
  const proxy = await proxyTo(origin);
  const { source } = await openGit(authority.ca, {}, proxy.address);
  const at = (address: string) => ({ name: "g", provider: "git" as const, url: address });
  await source.fetch(at(url), "registry.json", limits);
  expect(proxy.asked).toEqual([]);
  const got = await source.fetch(at(url.replace("127.0.0.1", "registry.test")), "registry.json", limits);
  expect(got.changed && got.bytes.toString()).toBe("the index");
  expect(proxy.asked[0]).toMatch(/^CONNECT registry\.test:\d+ HTTP/);
});

test("without git, the error says what to install", async () => {
  const { source } = await openGit(undefined, { binary: "no-such-git" });
  const fields = { name: "g", provider: "git" as const, url: "https://127.0.0.1:1/x" };
  await expect(source.fetch(fields, "registry.json", limits)).rejects.toMatchObject({ code: "GIT_MISSING" });
});

test("the caches of an earlier start are removed", async () => {
  const { read, cache } = await open();
  const old = path.join(cache, "repositories", "of-an-earlier-start");
  await mkdir(old, { recursive: true });
  await read();
  expect(await readdir(path.join(cache, "repositories"))).not.toContain("of-an-earlier-start");
});

describe("the address of a repository", () => {
  const check = async (url: string, rest: object = {}) =>
    (await openGit()).source.check({ name: "x", provider: "git", url, ...rest });

  test.each([
    "https://example.org/a/b.git",
    "https://me@example.org:8443/a/b",
    "ssh://git@example.org/a/b.git",
    "ssh://git@example.org:2222/~me/b",
    "git@example.org:a/b.git",
    "example.org:b",
  ])("may be %s", async (url) => {
    expect(await check(url)).toBeUndefined();
  });

  test.each([
    "-x",
    "--upload-pack=touch /tmp/x",
    "ext::sh -c id",
    "ext::id",
    "fd::17",
    "transport::https://example.org/a",
    "file:///etc",
    "/etc",
    "./a",
    "../a",
    "http://example.org/a",
    "git://example.org/a",
    "ftp://example.org/a",
    "https://me:secret@example.org/a",
    `https://ghp_${"a1".repeat(18)}@github.com/a/b`,
    `https://${"0123456789abcdef".repeat(3)}@example.org/a`,
    `ssh://${TOKEN}@example.org/a`,
    "me:secret@example.org:a",
    "https://example.org/a?x=1",
    "https://example.org/",
    "ssh://-oProxyCommand=id/a",
    "ssh://git@-oProxyCommand=id/a",
    "ssh://-oProxyCommand=id@example.org/a",
    "-oProxyCommand=id:a",
    "git@-oProxyCommand=id:a",
    "git@example.org:-a",
    "git@example.org:a b",
    "https://example.org/a\nb",
    "",
  ])("may not be %j", async (url) => {
    expect(await check(url)).toBeTypeOf("string");
    const { source } = await openGit();
    const fields = { name: "x", provider: "git" as const, url };
    await expect(source.fetch(fields, "registry.json", limits)).rejects.toMatchObject({
      code: "REGISTRY_FIELDS_INVALID",
    });
  });

  test.each([
    "https://me@example.org/a",
    "https://gitlab+deploy-token-123456@gitlab.com/a/b",
    "https://x-access-token@github.com/a/b",
    "https://a-robot-of-2026-with-a-long-name@example.org/a",
    "me@example.org:~me/a@b",
  ])("may be %s, which names a user and no secret", async (url) => {
    expect(await check(url)).toBeUndefined();
  });

  test.each(["-x", "--all", "a b", "a:b", "a..b", "*"])("refuses the ref %j", async (ref) => {
    expect(await check("https://example.org/a", { ref })).toContain("ref");
  });
});
