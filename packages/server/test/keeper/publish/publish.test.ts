import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { Io } from "../../../src/cli/io.ts";
import { awaitPublished } from "../../../src/keeper/publish/await-published.ts";
import { inFolder, readRegistry, readRegistryFolder } from "../../../src/keeper/registry-files.ts";
import { makeAuthority } from "../../support/authority.ts";
import { answerByGit } from "../../support/git-http-backend.ts";
import { makeRepository } from "../../support/git-repository.ts";
import { httpServer, httpsServer } from "../../support/http-server.ts";
import { S3_KEY, s3Listener } from "../../support/s3.ts";
import { openBuildWorld } from "../build/build-world.ts";

/** A registry with one plugin and a key. */
const openWorld = async () => {
  const world = await openBuildWorld();
  await world.plugin("echo.ts");
  await world.run(["keygen", "--origin", "example.org/a", "--out", "key", "--recovery-out", "paper"]);
  const publish = (...more: string[]) => world.run(["publish", "mine", "--key", "key", ...more]);
  return { ...world, publish };
};

describe("hitagi registry publish to a bucket", () => {
  it("uploads what differs, the head last, and names a bucket that is missing", async () => {
    const listener = await s3Listener("plugins");
    const written: string[] = [];
    const types = new Map<string, string | undefined>();
    const address = await httpServer((request, response) => {
      const { url = "", headers } = request;
      if (request.method === "PUT") {
        written.push(url);
        types.set(url.replace(/^.*\//, ""), headers["content-type"]);
      }
      listener(request, response);
    });
    const { write, run } = await openWorld();
    await write("mine/keeper.json", JSON.stringify({ name: "Mine", page: true }));
    const env = {
      HITAGI_S3_ENDPOINT: address,
      HITAGI_S3_KEY_ID: S3_KEY.keyId,
      HITAGI_S3_SECRET: S3_KEY.secret,
    };
    const publish = (to: string) =>
      run(["publish", "mine", "--key", "key", "--no-wait", "--to", to], { env });
    const first = await publish("s3://plugins/a/");
    expect([first.code, first.err]).toEqual([
      0,
      expect.stringContaining("Copied 6 files to s3://plugins/a/."),
    ]);
    expect([written.at(-1), written.length]).toEqual(["/plugins/a/registry.head", 6]);
    expect(Object.fromEntries(types)).toEqual({
      "echo.ts": "text/plain; charset=utf-8",
      "index.html": "text/html; charset=utf-8",
      "badge.svg": "image/svg+xml",
      "registry.details.json": "application/json",
      "registry.json": "application/json",
      "registry.head": "text/plain; charset=utf-8",
    });
    expect((await publish("s3://plugins/a/")).err).toContain("s3://plugins/a/ has all files already");
    const missing = await publish("s3://nothing/a/");
    expect([missing.code, missing.err]).toEqual([1, expect.stringMatching(/no such bucket/i)]);
  });
});

describe("hitagi registry publish to a folder", () => {
  it("builds, signs and copies, and reads the address back as owners do", async () => {
    const { folder, publish, plugin, read, run } = await openWorld();
    const to = path.join(folder, "public");
    const { code, json } = await publish("--to", "public", "--address", to, "--json");
    expect([code, json]).toMatchObject([0, { to: "public", verified: true, head: { sequence: 1 } }]);
    expect(await read("public/registry.head")).toBe(await read("mine/registry.head"));
    expect((await run(["verify", "public"])).code).toBe(0);
    expect((await run(["check", "public"])).code).toBe(0);
    await expect(read("public/keeper.json")).rejects.toThrow("ENOENT");
    await plugin("echo.ts", { version: "1.1.0" });
    const again = await publish("--to", "public", "--address", to);
    expect(again.out).toBe(`${to} shows 1 plugin, signed as head 2 of epoch 1.\n`);
    expect(again.err).toMatch(/\+ echo 1\.1\.0 \(added\)[\s\S]*Copied 4 files to public/);
    const unread = await publish("--to", "public", "--address", to, "--no-wait");
    expect(unread.out).toBe(`${to} was not read back. Look at it with \`hitagi registry test ${to}\`.\n`);
    expect(unread.err).toContain("public has all files already");
  });

  it("publishes nothing with --dry-run, without a place, or with a folder that an install would refuse", async () => {
    const { folder, publish, write, read, run } = await openWorld();
    const dry = await publish("--to", "public", "--dry-run");
    expect([dry.code, dry.out]).toEqual([0, expect.stringContaining("Would publish to public.")]);
    await expect(read("mine/registry.json")).rejects.toThrow("ENOENT");
    expect((await publish()).code).toBe(2);
    expect((await publish("--to", "ftp://example.org/a")).code).toBe(2);
    await publish("--to", "public");
    await write("mine/key.txt", await read("key"));
    const leaked = await publish("--to", "public");
    expect([leaked.code, leaked.err]).toEqual([1, expect.stringContaining("key.txt is a secret key")]);
    await rm(path.join(folder, "mine/key.txt"));
    await write("mine/plugins/echo.ts", `${await read("mine/plugins/echo.ts")}\n`);
    const changed = await publish("--to", "public");
    expect([changed.code, changed.err]).toEqual([1, expect.stringContaining("never changes")]);
    expect((await run(["verify", "public"])).code).toBe(0);
  });

  it("takes folders in keeper.json as relative to it, wherever the command runs, and says which one it is", async () => {
    const { folder, write, run } = await openWorld();
    await write("mine/keeper.json", JSON.stringify({ name: "Mine", publish: "../site", address: "../site" }));
    const to = path.join(folder, "site");
    const publish = (...more: string[]) =>
      run(["publish", ".", "--key", "../key", ...more], { cwd: path.join(folder, "mine") });
    expect((await publish("--dry-run")).out).toContain(`Would publish to ${to}.`);
    const there = await run(["publish", "mine", "--key", "key", "--json"]);
    expect([there.code, there.json]).toMatchObject([0, { to, address: to, verified: true }]);
    expect((await publish()).err).toContain(`${to} has all files already`);
  });

  it("publishes no registry without plugins of a folder whose plugin files lie beside the folder plugins", async () => {
    const { publish, run, read, write, folder } = await openWorld();
    await write("drafts/other.ts", await read("mine/plugins/echo.ts"));
    const refused = await run(["publish", "drafts", "--key", "key", "--to", "public"]);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining(
        "and other.ts is beside it.\nhint: Make a registry of them with `hitagi registry init",
      ),
    ]);
    expect(await readdir(path.join(folder, "drafts"))).toEqual(["other.ts"]);
    await write("mine/other.ts", await read("mine/plugins/echo.ts"));
    const noted = await publish("--to", "public");
    expect([noted.code, noted.err]).toEqual([0, expect.stringContaining("other.ts is left out")]);
  });

  it("is told by init in the words of keeper.json", async () => {
    const { run, read } = await openBuildWorld();
    for (const [given, written] of [
      ["public", "../public"],
      ["git", "git"],
      ["s3://plugins/a", "s3://plugins/a"],
      ["/srv/www", "/srv/www"],
    ] as const) {
      const own = `of-${given.replaceAll(/\W/g, "")}`;
      await run(["init", own, "--name", "New", "--publish", given]);
      expect(JSON.parse(await read(`${own}/keeper.json`)).publish).toBe(written);
    }
  });

  it("refuses a signed folder whose new files are not signed", async () => {
    const { publish, plugin, run } = await openWorld();
    await publish("--to", "public");
    await plugin("echo.ts", { version: "1.1.0" });
    const unsigned = await run(["publish", "mine", "--to", "public", "--json"]);
    expect([unsigned.code, unsigned.json.code]).toEqual([1, "INDEX_MISMATCH"]);
    expect(unsigned.json.error).toBe("This registry is signed, and there is no key to sign what changed.");
    for (const place of ["mine", "public"]) expect((await run(["verify", place])).code, place).toBe(0);
    expect((await publish("--to", "public")).code).toBe(0);
    expect((await run(["publish", "mine", "--to", "public"])).code, "nothing changed").toBe(0);
  });
});

describe("hitagi registry publish with git", () => {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "init.defaultBranch=main", ...args], { cwd, encoding: "utf8" });

  it("commits the folder and pushes it, and says what git refuses", async () => {
    const { folder, mine, publish, plugin } = await openWorld();
    const refused = await publish("--to", "git");
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("git rev-parse failed")]);
    git(folder, "init", "--quiet", "--bare", "origin.git");
    git(mine, "init", "--quiet");
    git(mine, "config", "user.name", "Keeper");
    git(mine, "config", "user.email", "keeper@example.org");
    const nowhere = await publish("--to", "git");
    expect(nowhere.err).toMatch(/push destination\.\nhint: .*git remote add origin/);
    git(mine, "remote", "add", "origin", path.join(folder, "origin.git"));
    const first = await publish("--to", "git");
    expect(first.err).toMatch(/no upstream branch\.\nhint: .*`git push --set-upstream origin HEAD`/);
    git(mine, "push", "--quiet", "--set-upstream", "origin", "HEAD");
    const { code, err } = await publish("--to", "git");
    expect([code, err]).toEqual([0, expect.stringMatching(/Pushed commit [0-9a-f]{12}/)]);
    await plugin("echo.ts", { version: "1.1.0" });
    await publish("--to", "git");
    const clone = path.join(folder, "clone");
    git(folder, "clone", "--quiet", "origin.git", "clone");
    expect(git(clone, "log", "--format=%s").trim().split("\n")).toEqual([
      "Publish echo 1.1.0",
      "Publish the registry",
    ]);
    const content = await readRegistryFolder(clone);
    expect(content.head?.index).toBe(content.indexHash);
  });
});

describe("hitagi registry publish with git, and an address of the web", () => {
  /**
   * A registry in a folder of a clone on the branch `plugins`, whose repository git's own server has beside its main branch; and an
   * address that shows the folder once it is filled.
   */
  const openHost = async () => {
    const world = await openWorld();
    const { folder, mine, write } = world;
    const authority = await makeAuthority();
    const root = path.join(folder, "host");
    const repository = await makeRepository(path.join(root, "origin.git"));
    await repository.git("config", "http.receivepack", "true");
    await write("main/README.md", "Another branch.");
    await repository.publish(path.join(folder, "main"));
    await write("ca.pem", authority.ca);
    let isFilled = false;
    const base = await httpsServer(authority, (request, response) => {
      const url = request.url ?? "";
      if (url.startsWith("/origin.git")) return answerByGit(root, request, response);
      const file = isFilled ? path.join(mine, url.replace(/^\/pages\/?/, "")) : "";
      readFile(file).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" });
    git("init", "--quiet", "--initial-branch", "plugins");
    for (const [name, value] of [
      ["user.name", "Keeper"],
      ["user.email", "keeper@example.org"],
      ["push.autoSetupRemote", "true"],
      // A machine's GIT_SSL_CAINFO would go before the authority of a repository's settings.
      ["http.sslVerify", "false"],
    ] as const)
      git("config", name, value);
    const publish = (more: string[] = [], io: Partial<Io> = {}) =>
      world.run(["publish", "mine", "--key", "key", "--to", "git", "--address", `${base}/pages`, ...more], {
        env: { HITAGI_CA_FILE: path.join(folder, "ca.pem") },
        ...io,
      });
    const fill = () => {
      isFilled = true;
    };
    return { ...world, base, git, publish, fill };
  };

  it("says which branch and folder of the repository show it, while the address shows nothing", async () => {
    const { base, git, publish, fill } = await openHost();
    git("remote", "add", "origin", `${base}/origin.git`);
    const { code, out, err } = await publish();
    expect([code, err]).toEqual([0, expect.stringMatching(/Pushed commit/)]);
    expect(err).not.toContain("Waiting");
    expect(out).toContain(
      `${base}/origin.git on its branch plugins in its folder mine shows 1 plugin, signed as head 1 of epoch 1. ${base}/pages shows no registry: it may be filled later`,
    );
    expect((await publish(["--json"])).json).toMatchObject({ verified: false });
    fill();
    const filled = await publish();
    expect([filled.code, filled.out]).toEqual([
      0,
      `${base}/pages shows 1 plugin, signed as head 1 of epoch 1.\n`,
    ]);
  });

  it("waits for the address where no server can read the repository", async () => {
    const { folder, base, git, publish, fill } = await openHost();
    git("remote", "add", "origin", path.join(folder, "host", "origin.git"));
    let said = "";
    const stderr = {
      write: (text: string) => {
        said += text;
        if (text.includes("Waiting for")) fill();
        return true;
      },
    };
    const { code, out } = await publish([], { stderr });
    expect([code, out], said).toEqual([0, `${base}/pages shows 1 plugin, signed as head 1 of epoch 1.\n`]);
    expect(said).toContain(`Waiting for ${base}/pages, which owners read: it shows no registry.json yet.`);
  });
});

describe("hitagi registry publish without a network", () => {
  /** Nothing listens at this port. */
  const closed = async (): Promise<number> => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
  };

  it("says where it could not reach the bucket, and the folder is whole for the next try", async () => {
    const { run, publish } = await openWorld();
    const env = {
      HITAGI_S3_ENDPOINT: `http://127.0.0.1:${await closed()}`,
      ...{ HITAGI_S3_KEY_ID: S3_KEY.keyId, HITAGI_S3_SECRET: S3_KEY.secret },
    };
    const to = ["publish", "mine", "--key", "key", "--no-wait", "--to", "s3://plugins/a"];
    const failed = await run(to, { env });
    expect([failed.code, failed.err]).toEqual([
      1,
      expect.stringMatching(/bucket at http:\/\/127\.0\.0\.1.* refused[\s\S]*hint: .*HITAGI_S3/),
    ]);
    expect((await run(["verify", "mine"])).code).toBe(0);
    expect((await publish("--to", "public")).err).toMatch(/Nothing changed\.\nCopied \d files to public/);
  });

  it("says which remote git could not reach, and pushes the commit at the next try", async () => {
    const { folder, mine, publish } = await openWorld();
    const git = (...args: string[]) => execFileSync("git", args, { cwd: mine, encoding: "utf8" });
    const away = `http://127.0.0.1:${await closed()}/origin.git`;
    git("init", "--quiet", "--initial-branch", "main");
    for (const [name, value] of [
      ["user.name", "Keeper"],
      ["user.email", "keeper@example.org"],
      ["push.autoSetupRemote", "true"],
    ] as const)
      git("config", name, value);
    git("remote", "add", "origin", away);
    const failed = await publish("--to", "git");
    expect([failed.code, failed.err]).toEqual([
      1,
      expect.stringMatching(/git push failed: .*127\.0\.0\.1[\s\S]*only the push is missing/),
    ]);
    execFileSync("git", ["init", "--quiet", "--bare", path.join(folder, "origin.git")]);
    git("remote", "set-url", "origin", path.join(folder, "origin.git"));
    expect((await publish("--to", "git")).err).toMatch(/Pushed commit/);
    expect(git("ls-remote", "origin", "main")).toContain(git("rev-parse", "HEAD").trim());
  });

  it("says whether the files are published where the address does not answer", async () => {
    const { publish, run, read } = await openWorld();
    const address = ["--address", `http://127.0.0.1:${await closed()}/`];
    const signed = await publish("--to", "public", ...address);
    expect([signed.code, signed.err]).toEqual([
      1,
      expect.stringMatching(/^Nothing is signed: .*127\.0\.0\.1[\s\S]*hint: /),
    ]);
    await expect(read("public/registry.json")).rejects.toThrow("ENOENT");
    const unsigned = await run(["publish", "mine", "--to", "public", ...address]);
    expect([unsigned.code, unsigned.err]).toEqual([
      1,
      expect.stringMatching(/Copied 3 files[\s\S]*The files are published\. .*127\.0\.0\.1[\s\S]*hint: /),
    ]);
    expect((await run(["check", "public"])).code).toBe(0);
  });
});

describe("the look at the published address", () => {
  it("waits until caches show the new files, and says for which it waits", async () => {
    const { folder, mine, publish, plugin, build } = await openWorld();
    await publish("--to", "public");
    await plugin("echo.ts", { version: "1.1.0" });
    await build("--key", "key");
    const expected = await readRegistryFolder(mine);
    const waited: string[] = [];
    let places = ["empty", "public", "mine"];
    await awaitPublished(() => readRegistry(inFolder(path.join(folder, places[0] ?? ""))), expected, {
      ...{ timeoutMs: 1000, signal: new AbortController().signal, now: () => 0 },
      onWait: (what) => waited.push(what),
      wait: async () => {
        places = places.slice(1);
      },
    });
    expect(waited).toEqual([
      "it shows no registry.json yet",
      expect.stringMatching(/^it still shows .*, and head \d of epoch 1 was published$/),
    ]);
  });

  it("does not wait where a later head follows the published one, or owners read the registry elsewhere", async () => {
    const { folder, mine, publish, plugin, build } = await openWorld();
    await build("--key", "key");
    const expected = await readRegistryFolder(mine);
    await plugin("echo.ts", { version: "1.1.0" });
    await publish("--to", "public");
    const never = {
      ...{ timeoutMs: 1000, signal: new AbortController().signal, now: () => 0, onWait: () => {} },
      wait: async () => expect.unreachable("it waits"),
    };
    const later = await awaitPublished(
      () => readRegistry(inFolder(path.join(folder, "public"))),
      expected,
      never,
    );
    expect(later).toBe(true);
    const elsewhere = { ...never, isElsewhere: async () => true };
    expect(await awaitPublished(async () => undefined, expected, elsewhere)).toBe(false);
  });

  it("is one line, and ends with what the address shows and what was published", async () => {
    const { folder, publish, plugin, run } = await openWorld();
    await publish("--to", "public");
    await plugin("echo.ts", { version: "1.1.0" });
    const address = path.join(folder, "public");
    const { code, err } = await publish("--to", "elsewhere", "--address", address, "--timeout", "1");
    expect(code).toBe(1);
    const still = "it still shows head 1 of epoch 1, and head 2 of epoch 1 was published";
    expect(err.match(/Waiting/g)).toHaveLength(1);
    expect(err).toContain(`Waiting for ${address}, which owners read: ${still}.\n`);
    expect(err).toContain(
      `error: The files are published, and the address that owners read does not show them: ${still}.`,
    );
    let shown = "";
    const stderr = { isTTY: true, write: (text: string) => (shown += text) };
    const argv = ["publish", "mine", "--key", "key", "--to", "elsewhere", "--address", address];
    await run([...argv, "--timeout", "1"], { stderr });
    expect(shown).toContain(`\r\u001b[KWaiting for ${address}`);
    expect(shown).not.toContain(`${still}.\nWaiting`);
  });

  it("ends when its time is over", async () => {
    const { mine, build } = await openWorld();
    await build("--key", "key");
    const expected = await readRegistryFolder(mine);
    let time = 0;
    const looked = awaitPublished(async () => undefined, expected, {
      ...{ timeoutMs: 1000, signal: new AbortController().signal, now: () => time },
      onWait: () => {},
      wait: async (ms) => {
        time += ms;
      },
    });
    await expect(looked).rejects.toThrow("it shows no registry.json yet");
  });
});
