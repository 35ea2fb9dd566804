import type { Client } from "@hitagi/contract";
import type { Command } from "commander";
import { type ConnectionOptions, connect } from "./connection.ts";
import type { Io } from "./io.ts";
import { plainJson } from "./plain.ts";

/** What a command works with: the server, and where its answer goes. */
export interface Session {
  io: Io;
  client: Client;
  /** Whether a program reads the answer. */
  json: boolean;
  /** Prints the answer: the data itself for programs, what `text` makes of it for people. */
  print<T>(data: T, text: (data: T) => string): void;
  /** Tells a person something beside the answer. */
  say(text: string): void;
}

const openSession = async (io: Io, options: ConnectionOptions & { json?: boolean }): Promise<Session> => {
  const json = options.json === true;
  return {
    io,
    json,
    client: await connect(io, options),
    print: (data, text) => {
      io.stdout.write(`${json ? plainJson(data) : text(data)}\n`);
    },
    say: (text) => {
      if (!json) io.stderr.write(`${text}\n`);
    },
  };
};

/** A command's action that is given a session before its arguments and options. */
export const withSession =
  <A extends unknown[]>(io: Io, run: (session: Session, ...args: A) => Promise<void>) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const session = await openSession(io, command.optsWithGlobals());
    await run(session, ...(given.slice(0, -1) as A));
  };
