import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { pino } from "pino";
import { expect } from "vitest";
import { type RunningServer, startServer } from "../../src/app/listen.ts";
import type { Io } from "../../src/cli/io.ts";
import { createProgram, runCli } from "../../src/cli/run-cli.ts";
import { readConfig, type SettingName } from "../../src/config/config.ts";

export interface Ran {
  code: number;
  out: string;
  err: string;
  /** What was printed for a program. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into the data of every command
  json: any;
}

export interface World {
  /** The folder that commands run in; the server's data folder is `data` in it. */
  folder: string;
  server: RunningServer;
  /** Runs one command line, as a script would. */
  run(...argv: string[]): Promise<Ran>;
  /** The same, which must succeed. */
  done(...argv: string[]): Promise<Ran>;
  /** The same with this text on its standard input. */
  pipe(input: string, ...argv: string[]): Promise<Ran>;
  /** Runs a command line in a terminal in which a person types these answers. */
  inTerminal(answers: string, ...argv: string[]): Promise<Ran>;
  close(): Promise<void>;
}

/** Places in a line, so that tests read whole cells. */
const WIDE = 240;

/** Runs a command and keeps what it writes. */
export const runCaptured = async (argv: string[], io: Partial<Io> = {}): Promise<Ran> => {
  let out = "";
  let err = "";
  const code = await runCli(argv, {
    stdout: { write: (text) => (out += text), columns: WIDE },
    stderr: { write: (text) => (err += text) },
    stdin: new PassThrough(),
    env: {},
    cwd: tmpdir(),
    ...io,
  });
  const json = argv.includes("--json") && out !== "" ? JSON.parse(out) : undefined;
  return { code, out, err, json };
};

/** A real server on a free port, and a folder to run commands in. */
export const openCliWorld = async (more: Partial<Record<SettingName, string>> = {}): Promise<World> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-cli-"));
  const flags = { data: path.join(folder, "data"), port: "0", warm: "0", log: "silent", ...more };
  const server = await startServer(readConfig(flags, {}), pino({ level: "silent" }));
  const run: World["run"] = (...argv) =>
    runCaptured(argv, { cwd: folder, env: { HITAGI_SERVER: server.address } });
  return {
    folder,
    server,
    run,
    done: async (...argv) => {
      const ran = await run(...argv);
      expect(ran.code, `${argv.join(" ")}: ${ran.err}`).toBe(0);
      return ran;
    },
    pipe: (input, ...argv) => {
      const stdin = new PassThrough();
      stdin.end(input);
      return runCaptured(argv, { cwd: folder, env: { HITAGI_SERVER: server.address }, stdin });
    },
    inTerminal: async (answers, ...argv) => {
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      stdin.write(answers);
      let err = "";
      const stderr = { write: (text: string) => (err += text), isTTY: true };
      const env = { HITAGI_SERVER: server.address, NO_COLOR: "1" };
      return { ...(await runCaptured(argv, { cwd: folder, env, stdin, stderr })), err };
    },
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const commandsIn = (parent: Command, before: string[]): [string[], Command][] =>
  parent.commands
    .filter((one) => one.name() !== "help")
    .flatMap((one) => {
      const name = [...before, one.name()];
      const own: [string[], Command][] = one.commands.length === 0 ? [[name, one]] : [];
      return [...own, ...commandsIn(one, name)];
    });

/** Every command that a person types, with its whole name. */
export const everyCommand = (): [string[], Command][] => {
  const silent = { write: () => true };
  const io = { stdout: silent, stderr: silent, stdin: new PassThrough(), env: {}, cwd: "/" };
  return commandsIn(createProgram(io), []);
};
