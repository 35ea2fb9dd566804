import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ForgeAddresses } from "../../src/sources/forge-table.ts";
import { createForgeSource } from "../../src/sources/forges.ts";
import { createHttp } from "../../src/sources/http.ts";
import { makeAuthority } from "../support/authority.ts";
import { sourceDeps } from "../support/source-deps.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type ForgeName, forgeServer } from "./forge-server.ts";
import { sourceContract } from "./source-contract.ts";

const authority = await makeAuthority();
const limits = { maxBytes: 1000, timeoutMs: 150_000 };
const NAMES = ["github", "gitlab", "gitea"] as const;
const TOKEN = "s3cr3t-token-of-a-test";

const basesAt = (base: string): ForgeAddresses => ({
  githubUrl: base,
  githubRawUrl: `${base}/raw`,
  gitlabUrl: [`${base}/below`],
  giteaUrl: [],
});

const sourceOf = (forge: ForgeName, bases: ForgeAddresses) => {
  const http = createHttp({ attempts: 2, baseMs: 5 }, { ca: authority.ca });
  onTestFinished(() => http.close());
  return createForgeSource(forge, { ...sourceDeps(http, tmpdir()), forges: bases });
};

/** A forge with one repository, and how it is read. */
const open = async (forge: ForgeName, options: Partial<Parameters<typeof forgeServer>[0]> = {}) => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, "registry.json"), "the index");
  const server = await forgeServer({ forge, authority, folder, ...options });
  const source = sourceOf(forge, basesAt(server.base));
  const fields = { name: "f", provider: forge, url: `${server.base}/owner/repo`, ref: "main" };
  const read = async (change: object = {}, given: object = {}, file = "registry.json") => {
    const got = await source.fetch({ ...fields, ...change }, file, { ...limits, ...given });
    return got.changed ? got.bytes.toString() : got;
  };
  return { folder, server, source, fields, read };
};

const secret = { credential: { kind: "token" as const, secret: TOKEN } };

const reach = (forge: ForgeName, end: string, ref: string) => async (folder: string) => {
  const server = await forgeServer({ forge, authority, folder });
  const fields = { name: "forge", provider: forge, url: `${server.base}/owner/repo${end}`, ref };
  return { source: sourceOf(forge, basesAt(server.base)), fields };
};

sourceContract("github", reach("github", "", "main"));
sourceContract("gitlab", reach("gitlab", "", "main"));
sourceContract("gitea", reach("gitea", "", "main"));
sourceContract("gitea at its default branch, with .git/ at the end", reach("gitea", ".git/", "HEAD"));
sourceContract("gitlab in nested groups", async (folder) => {
  const server = await forgeServer({ forge: "gitlab", authority, folder, project: "a/b/c/repo" });
  const fields = { name: "n", provider: "gitlab" as const, url: `${server.base}/a/b/c/repo`, ref: "main" };
  return { source: sourceOf("gitlab", basesAt(server.base)), fields };
});

describe.each(NAMES)("%s", (forge) => {
  test("has the registry in a folder, on a branch whose name has a slash", async () => {
    const { folder, read } = await open(forge, { branches: ["release/1.x"] });
    await mkdir(path.join(folder, "in here", "ü"), { recursive: true });
    await writeFile(path.join(folder, "in here", "ü", "registry.json"), "inside");
    expect(await read({ folder: "in here/ü" })).toBe("inside");
    // GitHub's raw host cannot tell ref and path apart by the address; the reader of the test takes one segment.
    if (forge !== "github") expect(await read({ ref: "release/1.x", folder: "in here/ü" })).toBe("inside");
  });

  test("costs one conditional request where nothing changed", async () => {
    const { server, source, fields } = await open(forge);
    const first = await source.fetch(fields, "registry.json", limits);
    if (!first.changed) throw new Error("the first fetch compares with nothing");
    server.asked.length = 0;
    const { validators } = first;
    expect(await source.fetch(fields, "registry.json", { ...limits, validators })).toEqual({
      changed: false,
    });
    expect(server.asked).toHaveLength(1);
  });

  test("takes a token for a private repository, and tells a missing one from a wrong one", async () => {
    const { read } = await open(forge, { token: TOKEN });
    expect(await read({}, secret)).toBe("the index");
    await expect(read()).rejects.toMatchObject({ code: "SOURCE_REPOSITORY_MISSING" });
    const wrong = { credential: { kind: "token", secret: "another" } };
    await expect(read({}, wrong)).rejects.toMatchObject({ code: "SOURCE_CREDENTIAL_REFUSED" });
  });

  test("distinguishes a missing repository, ref and file", async () => {
    const { server, read } = await open(forge);
    const url = `${server.base}/owner/other`;
    await expect(read({ url })).rejects.toMatchObject({ code: "SOURCE_REPOSITORY_MISSING", status: 400 });
    await expect(read({ ref: "mian" })).rejects.toMatchObject({
      code: "SOURCE_REF_MISSING",
      params: { ref: "mian" },
    });
    await expect(read({}, {}, "no/such.ts")).rejects.toMatchObject({
      code: "SOURCE_FILE_MISSING",
      params: { path: "no/such.ts" },
    });
  });

  const answering =
    (status: number, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, headers).end();
      return true;
    };
  const soon = () => String(Math.floor(Date.now() / 1000) + 3600);

  test.each([
    [401, {}, "SOURCE_CREDENTIAL_REFUSED"],
    [403, {}, "SOURCE_CREDENTIAL_REFUSED"],
    [403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": soon() }, "SOURCE_RATE_LIMITED"],
    [429, { "retry-after": "3600" }, "SOURCE_RATE_LIMITED"],
    [429, { "ratelimit-remaining": "0", "ratelimit-reset": soon() }, "SOURCE_RATE_LIMITED"],
    [500, {}, "SOURCE_STATUS"],
    [503, { "retry-after": "3600" }, "SOURCE_STATUS"],
  ])("answering %i %j is %s without the token in the error", async (status, headers, code) => {
    const { read } = await open(forge, { before: answering(status, headers) });
    const before = Date.now();
    const failure = await read({}, secret).catch((error) => error);
    expect(failure).toMatchObject({ code, status: 502 });
    if (code === "SOURCE_RATE_LIMITED") {
      const until = Date.parse(/until (\S+Z)/.exec(failure.message)?.[1] ?? "");
      // A reset header has the time; Retry-After counts from the response. Both are cut to whole seconds.
      const reset = Object.entries(headers).find(([name]) => name.endsWith("-reset"))?.[1];
      const [from, to] = reset
        ? [Number(reset) * 1000, Number(reset) * 1000]
        : [before + 3_599_000, Date.now() + 3_600_000];
      expect(until).toBeGreaterThanOrEqual(from);
      expect(until).toBeLessThanOrEqual(to);
    }
    expect(JSON.stringify([failure.message, failure.hint, failure.params, failure.stack])).not.toContain(
      TOKEN,
    );
  });

  test("is asked again after the seconds that it asks for", async () => {
    let refused = 0;
    const { read } = await open(forge, {
      before: (request, response) => {
        if (refused++ > 0) return false;
        return answering(429, { "retry-after": "0" })(request, response);
      },
    });
    expect(await read()).toBe("the index");
  });

  test("that moved a repository is followed, and the new place is told without its query", async () => {
    const { read, source, fields } = await open(forge, {
      before: (request, response) => {
        if (request.url?.includes("moved=1")) return false;
        const url = new URL(request.url ?? "", "https://host");
        url.searchParams.set("moved", "1");
        return answering(301, { location: url.pathname + url.search })(request, response);
      },
    });
    expect(await read()).toBe("the index");
    const { moved } = await source.fetch(fields, "registry.json", limits);
    expect(moved).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/[^?]+$/);
  });

  test("does not carry the token to another host", async () => {
    const seen: IncomingMessage["headers"][] = [];
    const other = await forgeServer({
      forge,
      authority,
      folder: await tempFolder(),
      before: (request, response) => {
        seen.push(request.headers);
        return answering(404)(request, response);
      },
    });
    const { read } = await open(forge, { before: answering(302, { location: `${other.base}/x` }) });
    await expect(read({}, secret)).rejects.toMatchObject({ code: "SOURCE_REDIRECT" });
    expect(seen).toEqual([]);
  });
});

describe("the address of a repository", () => {
  const bases: ForgeAddresses = {
    githubUrl: "https://github.com",
    githubRawUrl: "https://raw.githubusercontent.com",
    gitlabUrl: ["https://gitlab.com", "https://code.example/gitlab"],
    giteaUrl: ["https://codeberg.org"],
  };
  const check = (provider: ForgeName, url: string, rest: object = {}) =>
    sourceOf(provider, bases).check({ name: "x", provider, url, ref: "main", ...rest });

  test.each([
    ["github", "https://github.com/owner/repo"],
    ["github", "https://GitHub.com/owner/repo.git/"],
    ["gitlab", "https://gitlab.com/a/b/c/d"],
    ["gitlab", "https://code.example/gitlab/a/b"],
    ["gitea", "https://forgejo.example:3000/a/b"],
  ] as const)("is taken for %s: %s", (forge, url) => {
    expect(check(forge, url)).toBeUndefined();
  });

  test.each([
    ["github", "http://github.com/owner/repo", "https"],
    ["github", "https://gitlab.com/owner/repo", "on github.com"],
    ["github", "https://github.com.evil.example/owner/repo", "on github.com"],
    ["github", "https://github.community/owner/repo", "on github.com"],
    ["github", "https://github.com/owner", "owner"],
    ["github", "https://github.com/owner/repo/tree/main", "owner"],
    ["gitea", "https://codeberg.org/a/b/c", "owner"],
    ["gitlab", "https://gitlab.com/a", "group"],
    ["gitlab", "https://gitlab.com/a/b/-/tree/main", "group"],
    ["gitlab", "https://gitlab.com/a/b%2Fc", "group"],
    ["gitea", "https://me:pass@codeberg.org/a/b", "password"],
    ["gitea", "https://codeberg.org/a/b?token=1", "query"],
    ["gitea", "ssh://codeberg.org/a/b", "https"],
  ] as const)("is refused for %s: %s", (forge, url, why) => {
    expect(check(forge, url)).toContain(why);
  });

  test.each([
    "-x",
    "--upload-pack=x",
    "a b",
    "a..b",
    "a:b",
    "/a",
    "a/",
    "a.lock",
    "@{1}",
    "a\nb",
    "x".repeat(256),
  ])("refuses the ref %j", (ref) => {
    for (const forge of NAMES) {
      const url = `${forge === "github" ? "https://github.com" : "https://codeberg.org"}/a/b`;
      expect(check(forge, url, { ref })).toContain("ref");
    }
  });

  test("does not go with a folder that leads out", () => {
    expect(check("gitea", "https://codeberg.org/a/b", { folder: "a/../b" })).toContain("folder");
  });
});
