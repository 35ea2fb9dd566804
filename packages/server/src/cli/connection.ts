import { readFile } from "node:fs/promises";
import path from "node:path";
import { type Client, createClient } from "@hitagi/contract";
import { isMissing } from "../disk/errno.ts";
import { version } from "../version.ts";
import { CommandFailed, UsageError } from "./failure.ts";
import type { Io } from "./io.ts";

/** The options of every command that connects to a server. */
export interface ConnectionOptions {
  server?: string;
  key?: string;
  data?: string;
}

export const DEFAULT_SERVER = "http://127.0.0.1:3000";

const addressOf = (io: Io, address: string | undefined): URL => {
  const text = address ?? io.env.HITAGI_SERVER ?? DEFAULT_SERVER;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new UsageError(`${text} is not the address of a server.`, `Use the form ${DEFAULT_SERVER}.`);
};

const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);

/** The key in a data folder, or undefined. */
const keyIn = async (folder: string): Promise<string | undefined> => {
  try {
    return (await readFile(path.join(folder, "api-key"), "utf8")).trim();
  } catch (e) {
    if (isMissing(e)) return undefined;
    throw new CommandFailed(
      `The API key in ${folder} cannot be read.`,
      "Run this command as the server's user, or give the key with --key.",
    );
  }
};

/**
 * The key for a server: from `--key`, else from the environment, else from the data folder. The key in the data folder
 * is sent only to this machine, or if `--data` is given: other servers must not receive it.
 * @throws CommandFailed
 */
export const keyFor = async (
  io: Io,
  server: URL,
  options: ConnectionOptions,
): Promise<string | undefined> => {
  const key = options.key ?? io.env.HITAGI_API_KEY;
  if (key) return key;
  if (options.data === undefined && !isLoopback(server)) return undefined;
  return keyIn(path.resolve(io.cwd, options.data ?? io.env.HITAGI_DATA ?? "./data"));
};

/**
 * A client for the server in the options or the environment.
 * @param send replaces the platform's fetch
 * @throws UsageError, CommandFailed
 */
export const connect = async (io: Io, options: ConnectionOptions, send?: typeof fetch): Promise<Client> => {
  const server = addressOf(io, options.server);
  return createClient(server.href, await keyFor(io, server, options), `hitagi-cli/${version}`, send);
};
