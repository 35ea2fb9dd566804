import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { describe, expect, it, onTestFinished } from "vitest";
import { offered } from "../install/plugin-source.ts";
import { httpServer } from "../support/http-server.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { everyCommand, openCliWorld, type Ran, runCaptured } from "./cli-world.ts";

/** `doctor` examines a server that does not run, too. */
const connected = everyCommand().filter(
  ([[name], { options }]) => name !== "doctor" && options.some(({ long }) => long === "--server"),
);

/** An argument for each that the command needs. */
const argumentsOf = ({ registeredArguments }: Command): string[] =>
  registeredArguments.filter(({ required }) => required).map(() => "x");

/** A failure that is told once as JSON, and with the same words to a person. */
const expectFailure = ({ code: exit, json, err }: Ran, code: string | null, message: RegExp): void => {
  expect(exit).toBeGreaterThan(0);
  expect(json).toEqual({
    ...{ success: 0, code },
    error: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  });
  expect(err).toBe(`error: ${json.error}\nhint: ${json.hint}\n`);
};

describe("with --json", () => {
  it.each(connected)("%j answers a failure as JSON", async (name, command) => {
    const cwd = await tempFolder();
    const { code, out, err } = await runCaptured(
      [...name, ...argumentsOf(command), "--server", "http://127.0.0.1:1", "--json"],
      { cwd },
    );
    expect(code).not.toBe(0);
    expect(JSON.parse(out)).toEqual({
      success: 0,
      error: expect.stringMatching(/./),
      code: out.includes("SERVER_UNREACHABLE") ? "SERVER_UNREACHABLE" : null,
      hint: expect.stringMatching(/./),
    });
    expect(err).toContain("error: ");
  });

  /** A failure of each command that needs no server, in a folder with a registry that is not signed. */
  const ofLocal: [string, string[], string | null, RegExp][] = [
    ["check", ["empty"], null, /^There is no plugin in empty/],
    ["check", ["missing.ts"], null, /missing\.ts cannot be used/],
    ["pack", ["missing.ts"], null, /missing\.ts cannot be used/],
    ["new", ["UPPER CASE", "--type", "script"], null, /^UPPER CASE is no namespace/],
    ["registry init", ["comics/registry.json", "--name", "Comics"], null, /registry\.json/],
    ["registry build", ["missing"], null, /missing cannot be used/],
    ["registry build", ["comics", "--key", "missing.key"], null, /missing\.key/],
    ["registry check", ["missing"], null, /^There is no registry\.json at missing/],
    ["registry preview", ["missing"], null, /^There is no registry\.json in /],
    ["registry publish", ["missing", "--to", "web", "--no-wait"], null, /missing cannot be used/],
    ["registry yank", ["nobody", "1.0.0", "--reason", "x", "--dir", "comics"], null, /nobody/],
    [
      "registry keygen",
      ["--origin", "example.org/a", "--out", "missing/key", "--recovery-out", "r"],
      null,
      /missing\/key cannot be used/,
    ],
    ["registry sign", ["comics", "--key", "missing.key"], null, /missing\.key/],
    ["registry sign-blocks", ["missing.txt", "--out", "list"], null, /missing\.txt cannot be used/],
    ["registry verify", ["comics"], "SIGNATURE_MISSING", /^The registry is not signed/],
    ["restore", ["missing.tar.gz"], null, /missing\.tar\.gz/],
    ["store copy", ["nowhere", "sqlite:b.db"], "CONFIG_INVALID", /<from>/],
  ];

  const local = everyCommand().filter(
    ([, { options }]) =>
      options.some(({ long }) => long === "--json") && options.every(({ long }) => long !== "--server"),
  );

  it("a failure of every command without a server is tried", () => {
    const tried = new Set(ofLocal.map(([name]) => name));
    expect([...tried].sort()).toEqual(local.map(([name]) => name.join(" ")).sort());
  });

  it.each(ofLocal)("%s %j answers the failure itself as JSON", async (name, argv, code, message) => {
    const cwd = await tempFolder();
    await mkdir(path.join(cwd, "empty"));
    await writeRegistry(path.join(cwd, "comics"), [offered("echo", ["1.0.0"])]);
    const ran = await runCaptured([...name.split(" "), ...argv, "--json"], { cwd });
    expectFailure(ran, code, message);
  });

  it.each([
    [["add", "a -> "], "TAG_RULE_INVALID", /^The tag rule "a ->" has nothing after its arrow\.$/],
    [["remove", "-nothing"], null, /^There is no rule "-nothing"\.$/],
    [["add", "--no-such-option"], null, /unknown option '--no-such-option'/],
    [["remove", "--no-such-option"], null, /unknown option '--no-such-option'/],
  ])("policy tags %j answers the failure itself as JSON", async (argv, code, message) => {
    const world = await openCliWorld();
    onTestFinished(() => world.close());
    const ran = await world.run("policy", "tags", ...argv, "--json");
    expectFailure(ran, code, message);
  });

  // A command whose arguments may begin with a dash takes an unknown option for one.
  const strict = everyCommand().filter(([name]) => !/^policy tags (?:add|remove)$/.test(name.join(" ")));

  it.each(strict)("%j answers wrong usage as JSON", async (name) => {
    const { code, out } = await runCaptured([...name, "--no-such-option", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ success: 0, error: expect.stringMatching(/option/) });
  });
});

describe("help", () => {
  const all = [[] as string[], ...everyCommand().map(([name]) => name)];

  it.each(all.map((name) => [name]))("of %j fits a terminal of 80 columns", async (name) => {
    let out = "";
    const stdout = { isTTY: true, columns: 80, write: (text: string) => (out += text) };
    await runCaptured([...name, "--help"], { stdout });
    const long = out.split("\n").filter((line) => line.length > 80);
    expect(long).toEqual([]);
  });
});

describe("the server", () => {
  const failure = async (env: NodeJS.ProcessEnv) =>
    (await runCaptured(["list"], { env, cwd: await tempFolder() })).err;

  it("is the one that HITAGI_HOST and HITAGI_PORT name, as for the server", async () => {
    expect(await failure({ HITAGI_PORT: "1" })).toContain("127.0.0.1:1");
    expect(await failure({ HITAGI_HOST: "0.0.0.0", HITAGI_PORT: "1" })).toContain("127.0.0.1:1");
    expect(await failure({ HITAGI_HOST: "127.0.0.9", HITAGI_PORT: "1" })).toContain("127.0.0.9:1");
    expect(await failure({ HITAGI_HOST: "::1", HITAGI_PORT: "1" })).toContain("[::1]:1");
    expect(await failure({ HITAGI_PORT: "1", HITAGI_SERVER: "http://127.0.0.1:2" })).toContain("127.0.0.1:2");
  });

  it("is answered for without a key: the hint says --data and --key first", async () => {
    const server = await httpServer((_, response) => {
      response.statusCode = 401;
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({ success: 0, error: "no key", code: "UNAUTHORIZED", hint: "Send a header" }),
      );
    });
    const { err } = await runCaptured(["list", "--server", server], { cwd: await tempFolder() });
    expect(err).toMatch(/hint: Name the server's data folder with --data, or give its API key with --key/);
  });
});

describe("a path", () => {
  it.each([
    [
      ["export", "missing/folder/lock"],
      1,
      /missing\/folder\/lock cannot be used: it, or the folder .* does not exist/,
    ],
    [["export", "there/file/lock"], 1, /there\/file\/lock cannot be used: a part of the path is a file/],
    [["library", "add", "missing/folder/a.cbz"], 2, /a\.cbz does not exist/],
    [["sideload", "missing/folder/a.ts"], 2, /a\.ts cannot be read/],
    [["registry", "check", "missing/folder"], 2, /There is no registry\.json at missing\/folder/],
  ])("that cannot be used is no fault of the program or of the server: %j", async (argv, expected, words) => {
    const world = await openCliWorld();
    onTestFinished(() => world.close());
    await mkdir(path.join(world.folder, "there"));
    await writeFile(path.join(world.folder, "there", "file"), "");
    const { code, err } = await world.run(...argv);
    expect([code, err]).toEqual([expected, expect.stringMatching(words)]);
    expect(err).toMatch(/^hint: (?!This is a bug|.*data folder)/m);
    expect(err).not.toMatch(/\.part\b/);
  });

  it("of a backup whose folder is missing is made", async () => {
    const world = await openCliWorld();
    onTestFinished(() => world.close());
    expect((await world.run("backup", "missing/folder/b.tar.gz")).code).toBe(0);
  });
});
