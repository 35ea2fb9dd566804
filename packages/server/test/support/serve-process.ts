import { spawn } from "node:child_process";
import { copyFile, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Client, createClient } from "@hitagi/contract";
import { beforeAll, onTestFinished } from "vitest";
import { partNames } from "../../../../scripts/build-parts.mjs";
import { failOnCrash } from "./crashed.ts";
import { bundleScript, ifThere } from "./script.ts";
import { tempFolder } from "./temp-folder.ts";

const server = path.resolve(import.meta.dirname, "../..");

/** Bundles a script that serves, with what the built program finds beside itself. */
export const bundleServer = async (entry: string): Promise<string> => {
  const program = await bundleScript(entry);
  const folder = path.dirname(program);
  await symlink(path.resolve(server, "../../plugins"), path.join(folder, "builtin"), "junction").catch(
    ifThere,
  );
  for (const file of partNames) await copyFile(path.join(server, "dist", file), path.join(folder, file));
  return program;
};

/** What a command of the program said, and how it ended. */
export interface ProgramRun {
  code: number | null;
  out: string;
  err: string;
  /** Milliseconds that it took. */
  ms: number;
}

/** A real `hitagi serve` in a process of its own, which ends with the test at the latest. */
export interface ServeProcess {
  readonly address: string;
  readonly client: Client;
  /** All that it logged, and wrote on its standard error, so far. */
  err(): string;
  /** Whether it has ended. */
  ended(): boolean;
  /** Kills it at once. */
  kill(): Promise<void>;
  /** Asks it to stop, and answers its exit code. */
  stop(): Promise<number | null>;
}

type Env = Record<string, string>;

/** The key of every server that is started here. */
export const API_KEY = "the-key-of-a-test";

/** The program as it is started on a machine: with nothing but these variables of the environment. */
export interface Program {
  /** Runs a command to its end. */
  run(argv: readonly string[], env: Env): Promise<ProgramRun>;
  /** Starts a server. @throws where it does not start, with what it said */
  serve(env: Env): Promise<ServeProcess>;
}

const start = (program: string, argv: readonly string[], env: Env) => {
  const began = performance.now();
  const child = spawn(process.execPath, [program, ...argv], {
    env: { PATH: process.env.PATH ?? "", TMPDIR: tmpdir(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const ended = new Promise<ProgramRun>((resolve) => {
    child.on("close", (code) => resolve({ code, ...said, ms: performance.now() - began }));
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
    failOnCrash(said.err);
  });
  return { child, said, ended };
};

const serve = async (program: string, given: Env): Promise<ServeProcess> => {
  const env = {
    HITAGI_DATA: await tempFolder(),
    HITAGI_PORT: "0",
    HITAGI_WARM: "0",
    HITAGI_API_KEY: API_KEY,
    ...given,
  };
  const { child, said, ended } = start(program, ["serve"], env);
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", () => {
      const [, found] = /listens on (http:\S+)/.exec(said.out) ?? [];
      if (found) resolve(found);
    });
    void ended.then(({ code, err }) => reject(new Error(`hitagi serve ended with ${code}: ${err}`)));
  });
  return {
    address,
    client: createClient(address, env.HITAGI_API_KEY),
    err: () => said.err,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return (await ended).code;
    },
  };
};

/** The program, bundled before the tests of the file or describe block that this is called in. */
export const sharedProgram = (): Program => {
  let program = "";
  beforeAll(async () => {
    program = await bundleServer(path.join(server, "src/cli/main.ts"));
  });
  return {
    run: (argv, env) => start(program, argv, env).ended,
    serve: (env) => serve(program, env),
  };
};
