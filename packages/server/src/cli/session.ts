import type { Client } from "@hitagi/contract";
import type { Command } from "commander";
import { type ConnectionOptions, connect } from "./connection.ts";
import type { Io } from "./io.ts";
import { safeJson } from "./safe-text.ts";

/** What a command works with: the server and the output. */
export interface Session {
  io: Io;
  client: Client;
  /** Whether to print JSON. */
  json: boolean;
  /** Prints the result to stdout: the data as JSON, or as `text` formats it. */
  print<T>(data: T, text: (data: T) => string): void;
  /** Prints a note to stderr, unless the output is JSON. */
  say(text: string): void;
}

const openSession = async (io: Io, options: ConnectionOptions & { json?: boolean }): Promise<Session> => {
  const json = options.json === true;
  return {
    io,
    json,
    client: await connect(io, options),
    print: (data, text) => {
      io.stdout.write(`${json ? safeJson(data) : text(data)}\n`);
    },
    say: (text) => {
      if (!json) io.stderr.write(`${text}\n`);
    },
  };
};

/** Returns a command's action that gets a session before its arguments and options. */
export const withSession =
  <A extends unknown[]>(io: Io, run: (session: Session, ...args: A) => Promise<void>) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const session = await openSession(io, command.optsWithGlobals());
    await run(session, ...(given.slice(0, -1) as A));
  };
