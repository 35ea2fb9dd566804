import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { killAtExit } from "./kill-at-exit.ts";

/** Milliseconds that a server may take until it answers. */
const START_MS = 150_000;
/** Ports that are tried, where others take them between their being found and being used. */
const PORTS_TRIED = 5;

const isProgram = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const onPath = (program: string): string | undefined =>
  (process.env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find(isProgram);

/** `name=/path/of/the/server`, separated by commas: other versions to test with. */
const named = (process.env.TEST_REDIS_SERVERS ?? "").split(",").flatMap((one) => {
  const [name = "", binary] = one.split("=");
  return binary === undefined ? [] : [{ name, binary }];
});

/** The servers of this machine; the tests' own command installs redis-server where it may. */
export const redisServers: readonly { name: string; binary: string }[] = [
  ...["redis", "valkey"].flatMap((name) => {
    const binary = onPath(`${name}-server`);
    return binary === undefined ? [] : [{ name, binary }];
  }),
  ...named,
];

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
      resolve(/PONG|NOAUTH|LOADING/.test(data.toString()));
    });
  });

/** A server that ended before it answered, as one does whose port is taken. */
class EndedEarly extends Error {}

/** Runs a server with these arguments until it is stopped, once it answers on its socket. */
const run = async (binary: string, args: readonly string[], socket: string): Promise<RedisServer> => {
  const child = killAtExit(spawn(binary, args, { stdio: "ignore" }));
  const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  try {
    const until = performance.now() + START_MS;
    while (!(await answers(socket))) {
      if (child.exitCode !== null) throw new EndedEarly("Redis ended before it answered");
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

/** A port of loopback that was free a moment ago. */
const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

/** Starts a server on a free port, and on another one if that was taken meanwhile. Redis takes no port 0. */
const onFreePort = async (start: (port: number) => Promise<RedisServer>): Promise<ListeningRedis> => {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      return { ...(await start(port)), port };
    } catch (e) {
      if (!(e instanceof EndedEarly) || tries === PORTS_TRIED) throw e;
    }
  }
};

/** A server that also listens on a port of loopback. */
export interface ListeningRedis extends RedisServer {
  readonly port: number;
}

/** {@link runRedis}, on a port as well. @param settings `--port` and all that depends on it, or `--tls-port` in its place */
export const runRedisOnPort = (
  folder: string,
  settings: (port: number) => readonly string[] = (port) => ["--port", `${port}`],
): Promise<ListeningRedis> =>
  onFreePort((port) => runRedis(folder, ["--bind", "127.0.0.1", ...settings(port)]));

/** A sentinel on a port of loopback, which watches what a file of settings says. @param listen the setting of its port */
export const runSentinel = (
  folder: string,
  config: string,
  listen: "--port" | "--tls-port" = "--port",
): Promise<ListeningRedis> => {
  const socket = path.join(folder, "sentinel.sock");
  return onFreePort((port) => {
    const plain = listen === "--tls-port" ? ["--port", "0"] : [];
    const place = [
      "--bind",
      "127.0.0.1",
      ...plain,
      listen,
      `${port}`,
      "--unixsocket",
      socket,
      "--dir",
      folder,
    ];
    return run(installed, [config, "--sentinel", ...place, "--logfile", path.join(folder, "log")], socket);
  });
};
