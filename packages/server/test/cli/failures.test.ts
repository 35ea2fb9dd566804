import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, it, onTestFinished } from "vitest";
import { createProgram } from "../../src/cli/run-cli.ts";
import { httpServer } from "../support/http-server.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openCliWorld, runCaptured } from "./cli-world.ts";

const io = {
  stdout: { write: () => true },
  stderr: { write: () => true },
  stdin: new PassThrough(),
  env: {},
  cwd: "/",
};

/** Every command that a person types, with its whole name. */
const commands = (parent: Command = createProgram(io), before: string[] = []): [string[], Command][] =>
  parent.commands
    .filter((one) => one.name() !== "help")
    .flatMap((one) => {
      const name = [...before, one.name()];
      const own: [string[], Command][] = one.commands.length === 0 ? [[name, one]] : [];
      return [...own, ...commands(one, name)];
    });

/** `doctor` examines a server that does not run, too. */
const connected = commands().filter(
  ([[name], { options }]) => name !== "doctor" && options.some(({ long }) => long === "--server"),
);

/** An argument for each that the command needs. */
const argumentsOf = ({ registeredArguments }: Command): string[] =>
  registeredArguments.filter(({ required }) => required).map(() => "x");

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

  // A command whose arguments may begin with a dash takes an unknown option for one.
  const strict = commands().filter(([name]) => !/^policy tags (?:add|remove)$/.test(name.join(" ")));

  it.each(strict)("%j answers wrong usage as JSON", async (name) => {
    const { code, out } = await runCaptured([...name, "--no-such-option", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ success: 0, error: expect.stringMatching(/option/) });
  });
});

describe("help", () => {
  const all = [[] as string[], ...commands().map(([name]) => name)];

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
