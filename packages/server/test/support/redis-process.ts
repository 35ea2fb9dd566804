import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds that a server may take until it answers. */
const START_MS = 10_000;

const found = (...files: string[]): string | undefined => files.find((file) => existsSync(file));

/** The servers of this machine; the tests' own command installs redis-server where it may. */
export const redisServers: readonly { name: string; binary: string }[] = [
  { name: "redis", binary: found("/usr/bin/redis-server", "/usr/local/bin/redis-server") },
  { name: "valkey", binary: found("/usr/bin/valkey-server", "/usr/local/bin/valkey-server") },
].flatMap(({ name, binary }) => (binary === undefined ? [] : [{ name, binary }]));

/** A real server that keeps nothing, on a socket in a folder of its own. */
export interface RedisServer {
  /** `redis+unix://…` of a database. */
  address(database: number): string;
  /** The socket, for clients that want a path. */
  readonly socket: string;
  /** Signals the process. */
  signal(name: NodeJS.Signals): void;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

const answers = (socket: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(socket);
    probe.on("error", () => resolve(false));
    probe.on("connect", () => probe.write("PING\r\n"));
    probe.on("data", (data) => {
      probe.destroy();
      resolve(data.includes("PONG") || data.includes("NOAUTH"));
    });
  });

/** Runs a server with these arguments until it is stopped, once it answers on its socket. */
const run = async (binary: string, args: readonly string[], socket: string): Promise<RedisServer> => {
  const child: ChildProcess = spawn(binary, args, { stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const until = performance.now() + START_MS;
    while (!(await answers(socket))) {
      if (performance.now() > until) throw new Error("Redis does not answer");
      await sleep(10);
    }
  } catch (e) {
    await kill();
    throw e;
  }
  return {
    address: (database) => `redis+unix://${socket}?db=${database}`,
    socket,
    signal: (name) => void child.kill(name),
    kill,
  };
};

const installed = redisServers[0]?.binary ?? "redis-server";

/** @param folder where its socket is, and its data if the settings say that it keeps any */
export const runRedis = (
  folder: string,
  settings: readonly string[] = [],
  binary = installed,
): Promise<RedisServer> => {
  const socket = path.join(folder, "redis.sock");
  const basics = ["--port", "0", "--unixsocket", socket, "--databases", "2000", "--dir", folder];
  const silent = ["--save", "", "--appendonly", "no", "--logfile", path.join(folder, "redis.log")];
  return run(binary, [...basics, ...silent, ...settings], socket);
};

/** A sentinel on a port of loopback, which watches what a file of settings says. */
export const runSentinel = (folder: string, config: string, port: number): Promise<RedisServer> => {
  const socket = path.join(folder, "sentinel.sock");
  const place = ["--bind", "127.0.0.1", "--port", `${port}`, "--unixsocket", socket, "--dir", folder];
  return run(installed, [config, "--sentinel", ...place, "--logfile", path.join(folder, "log")], socket);
};
