import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ApiError, type Client, createClient, HitagiError } from "@hitagi/contract";
import { isMissing } from "../disk/errno.ts";
import { keyId } from "../keys/key-text.ts";
import { isProof, proofOf, proofSecret } from "../keys/server-proof.ts";
import { version } from "../version.ts";
import { CommandFailed, UsageError } from "./failure.ts";
import type { Io } from "./io.ts";
import { localFetch } from "./local-connection.ts";
import { printed } from "./safe-text.ts";

/** The options of every command that connects to a server. */
export interface ConnectionOptions {
  server?: string;
  key?: string;
  data?: string;
  /** Whether to send the key to a server that does not prove that it has the key, and without a warning. */
  unproven?: boolean;
}

export const DEFAULT_SERVER = "http://127.0.0.1:3000";

/** The program, for the server's history. */
const AGENT = `hitagi-cli/${version}`;

/** Where a server with the environment of this command listens. One that listens on every address is on this machine too. */
const localServer = ({ HITAGI_HOST: host, HITAGI_PORT: port }: NodeJS.ProcessEnv): string => {
  const here = !host || host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const isPort = port !== undefined && /^[1-9]\d{0,4}$/.test(port);
  return `http://${here.includes(":") ? `[${here}]` : here}:${isPort ? port : 3000}`;
};

const addressOf = (io: Io, address: string | undefined): URL => {
  const text = address ?? (io.env.HITAGI_SERVER || localServer(io.env));
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

/** The key, and the data folder that it is from, or that was named beside it. */
interface FoundKey {
  key: string | undefined;
  folder?: string | undefined;
}

/**
 * The key for a server: from `--key`, else from the environment, else from the data folder. The key in the data folder
 * is sent only to this machine, or if `--data` is given: other servers must not receive it.
 * @throws CommandFailed
 */
export const keyFor = async (io: Io, server: URL, options: ConnectionOptions): Promise<FoundKey> => {
  const key = options.key ?? io.env.HITAGI_API_KEY;
  const named = options.data ?? io.env.HITAGI_DATA;
  if (key) return { key, folder: named && path.resolve(io.cwd, named) };
  if (options.data === undefined && !isLoopback(server)) return { key: undefined };
  const folder = path.resolve(io.cwd, named ?? "./data");
  return { key: await keyIn(folder), folder };
};

/** The proof shows who has the key, and does not hide it: over http, others on the way can pass the question on. */
const warnOfPlainHttp = (io: Io, server: URL): void => {
  if (server.protocol !== "http:" || isLoopback(server)) return;
  io.stderr.write(
    `${printed(`warning: ${server.origin} is not encrypted: others in that network can read the API key. Use https, or --unproven to get no warning.`)}\n`,
  );
};

/** Milliseconds after which a server proves again that it has the key: another program may have taken its port. */
const PROOF_MS = 2000;

/**
 * Sends requests only to a server that has proven that it has the key: while none runs, every user of the machine can listen
 * on its port. TLS proves it by the certificate.
 */
const provenFetch = (server: URL, key: string, send: typeof fetch): typeof fetch => {
  const unproven = (reason: string) => new HitagiError("SERVER_UNPROVEN", { url: server.href, reason });
  const prove = async (): Promise<void> => {
    const nonce = randomBytes(32).toString("hex");
    // A redirect would let the right server answer for another one.
    const direct: typeof fetch = (input, init) => send(input, { ...init, redirect: "error" });
    const client = createClient(server.href, undefined, AGENT, direct);
    const { salt, proof } = await client
      .proveKey({ query: { nonce, id: keyId(key) } })
      .catch((e: unknown) => {
        throw e instanceof ApiError && e.status === 404
          ? unproven("it cannot prove that it has the key, as older versions cannot")
          : e;
      });
    const expected = proofOf(await proofSecret(key, salt ?? null), nonce);
    if (typeof proof === "string" && isProof(proof, expected)) return;
    throw unproven("it has another key, or is another program");
  };
  let proof: { began: number; done: Promise<void> } | undefined;
  return async (input, init) => {
    if (!proof || performance.now() - proof.began > PROOF_MS) {
      proof = { began: performance.now(), done: prove() };
    }
    const current = proof;
    try {
      await current.done;
      return await send(input, init);
    } catch (e) {
      if (proof === current) proof = undefined;
      throw e;
    }
  };
};

/** How a command reaches its server. */
interface Way extends FoundKey {
  server: URL;
  /** Sends over the Unix socket of the data folder; undefined if the server is named, or if none listens there. */
  local: typeof fetch | undefined;
}

const findWay = async (io: Io, options: ConnectionOptions): Promise<Way> => {
  const server = addressOf(io, options.server);
  const found = await keyFor(io, server, options);
  const isNamed = (options.server ?? io.env.HITAGI_SERVER) || found.key === undefined;
  const local = isNamed || found.folder === undefined ? undefined : await localFetch(found.folder);
  return { ...found, server, local };
};

/**
 * The address at which {@link connect} looks for a server; undefined if it uses the Unix socket of the data folder.
 * @throws UsageError, CommandFailed
 */
export const addressUsed = async (io: Io, options: ConnectionOptions): Promise<string | undefined> => {
  const { server, local } = await findWay(io, options);
  return local ? undefined : server.origin;
};

/**
 * A client for the server in the options or the environment. If they name no server, it connects over the Unix socket of the data
 * folder that the key is from, or that they name.
 * @param send replaces the platform's fetch
 * @throws UsageError, CommandFailed; its calls also HitagiError SERVER_UNPROVEN
 */
export const connect = async (
  io: Io,
  options: ConnectionOptions,
  send: typeof fetch = fetch,
): Promise<Client> => {
  const { server, key, local } = await findWay(io, options);
  if (key === undefined) return createClient(server.href, key, AGENT, send);
  if (local) return createClient("http://localhost", key, AGENT, local);
  if (options.unproven !== true) warnOfPlainHttp(io, server);
  const isTrusted = server.protocol === "https:" || options.unproven === true;
  return createClient(server.href, key, AGENT, isTrusted ? send : provenFetch(server, key, send));
};
