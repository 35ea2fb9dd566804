import { writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { Permissions } from "@hitagi/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { pluginText } from "../http/plugin-sources.ts";
import { type FixturePlugin, writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, runCaptured, type World } from "./cli-world.ts";

const asking = (namespace: string, versions: Record<string, Permissions>, more = ""): FixturePlugin => ({
  namespace,
  type: "script",
  versions: Object.entries(versions).map(([version, permissions]) => ({
    version,
    source: pluginText(
      namespace,
      version,
      "script",
      "async run() { return 1; },",
      `permissions: ${JSON.stringify(permissions)}, ${more}`,
    ),
  })),
});

const host = "a.example.org";
const published: FixturePlugin[] = [
  asking("perm", { "1.0.0": { net: [host] }, "1.1.0": { net: [host], library: "write" } }),
  asking("other", { "1.0.0": {}, "1.1.0": { library: "read" } }),
  asking("greedy", { "1.0.0": { net: ["*.com", host] } }),
  asking("member", { "1.0.0": {} }, 'login_from: "site-login",'),
];

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), published);
  await world.run("registry", "add", "./comics");
});
afterAll(() => world.close());
beforeEach(async () => {
  await Promise.all(["perm", "other"].map((name) => world.run("uninstall", name)));
});

const grantsOf = async (namespace: string): Promise<unknown> => {
  const { code, json } = await world.run("info", namespace, "--json");
  return code === 0 ? (json.installed?.granted ?? "not installed") : "unknown";
};

describe("the first install of a plugin that asks for permissions", () => {
  it("lists the permissions and asks for confirmation", async () => {
    const { code, err } = await world.inTerminal("n\n", "install", "perm", "--version", "1.0.0");
    expect([code, await grantsOf("perm")]).toEqual([1, "not installed"]);
    expect(err).toContain(`perm 1.0.0 asks to reach ${host}.`);
    expect(err).toContain("Install it? [y/N]");
    expect((await world.inTerminal("y\n", "install", "perm", "--version", "1.0.0")).code).toBe(0);
    expect(await grantsOf("perm")).toEqual({ net: [host] });
  });

  it("is refused without a terminal, except with --yes", async () => {
    const { code, err } = await world.run("install", "perm", "--version", "1.0.0");
    expect([code, await grantsOf("perm")]).toEqual([1, "not installed"]);
    expect(err).toMatch(/^error: perm 1\.0\.0 asks to reach a\.example\.org\.\nhint: .*--yes/m);
    expect((await world.run("install", "perm", "--version", "1.0.0", "--yes")).code).toBe(0);
    expect(await grantsOf("perm")).toEqual({ net: [host] });
  });

  it("needs no confirmation without permissions", async () => {
    expect((await world.run("install", "other", "--version", "1.0.0")).code).toBe(0);
  });
});

describe("an upgrade that asks for more", () => {
  const granted = { net: [host], library: "write" };
  beforeEach(async () => {
    await world.run("install", "perm", "--version", "1.0.0", "--yes");
    await world.run("install", "other", "--version", "1.0.0", "--yes");
  });

  it("is confirmed in `install`", async () => {
    expect((await world.inTerminal("n\n", "install", "perm")).err).toContain(
      "more permissions than were granted: library:write. Grant",
    );
    expect(await grantsOf("perm")).toEqual({ net: [host] });
    expect((await world.inTerminal("y\n", "install", "perm")).code).toBe(0);
    expect(await grantsOf("perm")).toEqual(granted);
  });

  it("is refused by `install` without a terminal: --grant grants, --yes does not", async () => {
    expect((await world.run("install", "perm", "--yes")).err).toContain("hitagi upgrade perm --grant");
    expect(await grantsOf("perm")).toEqual({ net: [host] });
    expect((await world.run("install", "perm", "--grant")).code).toBe(0);
    expect(await grantsOf("perm")).toEqual(granted);
  });

  it("is confirmed in `upgrade`, and the table shows the outcome", async () => {
    const { code, out, err } = await world.inTerminal("y\n", "upgrade", "perm");
    expect(err).toContain(
      "perm 1.1.0 asks for more permissions than were granted: library:write. Grant it? [y/N]",
    );
    expect([code, await grantsOf("perm")]).toEqual([0, granted]);
    expect(out).toMatch(/^perm +1\.0\.0 +1\.1\.0 +upgraded$/m);
  });

  it("fails in `upgrade` without a terminal, with one message and hint for each plugin", async () => {
    const { code, out, err } = await world.run("upgrade");
    expect(code).toBe(1);
    expect(out).toMatch(/^perm +1\.0\.0 +1\.1\.0 +failed$/m);
    expect(out).toMatch(/^other +1\.0\.0 +1\.1\.0 +failed$/m);
    for (const name of ["perm", "other"]) {
      expect(`${out}${err}`.match(new RegExp(`${name} 1\\.1\\.0 asks for more`, "g"))).toHaveLength(1);
      expect(err).toContain(`\`hitagi upgrade ${name} --grant\``);
    }
    expect(err).not.toContain("perm: ");
  });
});

describe("an upgrade that changes while its owner reads", () => {
  /** Answers yes to the first question, after something happened. */
  const afterQuestion = async (happens: () => Promise<unknown>, ...argv: string[]) => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    let err = "";
    const stderr = {
      isTTY: true,
      write: (text: string) => {
        const isAsked = !err.includes("[y/N]") && `${err}${text}`.includes("[y/N]");
        err += text;
        if (isAsked) void happens().then(() => stdin.write("y\n"));
      },
    };
    const env = { HITAGI_SERVER: world.server.address, NO_COLOR: "1" };
    return { ...(await runCaptured(argv, { cwd: world.folder, env, stdin, stderr })), err };
  };

  it("is refused with what was not shown, and asked again by the same command", async () => {
    await world.run("install", "perm", "--version", "1.0.0", "--yes");
    const newer = asking("perm", {
      "1.0.0": { net: [host] },
      "1.1.0": { net: [host], library: "write" },
      "1.2.0": { net: [host, "evil.example.org"], library: "write" },
    });
    const refused = await afterQuestion(
      async () => {
        await writeRegistry(path.join(world.folder, "comics"), [newer, ...published.slice(1)]);
        await world.run("registry", "refresh", "comics");
      },
      "upgrade",
      "perm",
    );
    expect([refused.code, await grantsOf("perm")]).toEqual([1, { net: [host] }]);
    expect(refused.err).toContain("perm 1.2.0 in place, which the preview did not show.");
    expect(refused.err).toContain("Look at the preview again");
    const { code, err } = await world.inTerminal("y\n", "upgrade", "perm");
    expect(err).toContain("more permissions than were granted: net:evil.example.org, library:write.");
    expect(code).toBe(0);
  });
});

describe("a grant of a whole public suffix", () => {
  const meaning = "greedy could reach every site under .com, of any owner, and send your data there.";
  const broad = ["grant", "greedy", "--net", "*.com"];
  beforeEach(async () => {
    await world.run("uninstall", "greedy");
    await world.run("install", "greedy", "--yes");
  });

  it("is not part of an install with --yes, nor of a grant without hosts", async () => {
    expect(await grantsOf("greedy")).toEqual({ net: [host] });
    expect((await world.run("grant", "greedy")).out).toBe(`greedy may reach ${host}.\n`);
  });

  it("says what it means and asks in a terminal", async () => {
    const { code, err } = await world.inTerminal("n\n", ...broad);
    expect(err).toContain(`${meaning} Grant it? [y/N]`);
    expect([code, await grantsOf("greedy")]).toEqual([1, { net: [host] }]);
    expect((await world.inTerminal("y\n", ...broad)).code).toBe(0);
    expect(await grantsOf("greedy")).toEqual({ net: ["*.com"] });
  });

  it("is refused without a terminal, except with --yes", async () => {
    const { code, err } = await world.run(...broad);
    expect(err).toBe(`error: ${meaning}\nhint: Repeat the command with --yes to grant this.\n`);
    expect([code, await grantsOf("greedy")]).toEqual([1, { net: [host] }]);
    const granted = await world.run(...broad, "--yes");
    expect([granted.code, granted.out]).toEqual([
      0,
      "greedy may reach every site under .com, of any owner.\n",
    ]);
    expect(await grantsOf("greedy")).toEqual({ net: ["*.com"] });
  });

  it("needs no question for a host in a terminal", async () => {
    const { code, err } = await world.inTerminal("", "grant", "greedy", "--net", host);
    expect([code, err]).toEqual([0, ""]);
  });
});

it("a sideloaded plugin is granted nothing with --no-grant", async () => {
  const file = path.join(world.folder, "own.ts");
  const text = pluginText(
    "own",
    "1.0.0",
    "script",
    "async run() { return 1; },",
    'permissions: { library: "read" },',
  );
  await writeFile(file, text);
  expect((await world.run("sideload", file, "--no-grant")).out).toContain("It has no permissions.");
  expect(await grantsOf("own")).toEqual({});
  expect((await world.run("grant", "own")).out).toContain("read the library");
});

it("an install names the login plugin that is missing", async () => {
  const { code, err } = await world.run("install", "member");
  expect([code, err]).toEqual([
    0,
    expect.stringContaining("uses the session of site-login, which is not installed"),
  ]);
});
