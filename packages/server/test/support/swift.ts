import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import type { S3Target } from "../../src/artifacts/shares/s3-client.ts";

const run = promisify(execFile);
/** Milliseconds that a server may take until it answers: they only end a start that hangs. */
const START_MS = 150_000;

/** OpenStack Swift with its S3 API, as Debian packages it (swift-proxy, swift-account, swift-container, swift-object). */
export const withoutSwift = !["proxy", "account", "container", "object"].every((name) =>
  existsSync(`/usr/bin/swift-${name}-server`),
);

/** A server that runs, and what its keys may do. */
export interface Swift {
  address: string;
  owner: Pick<S3Target, "keyId" | "secret">;
  /** May write nothing. */
  stranger: Pick<S3Target, "keyId" | "secret">;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
};

const storageServer = async (folder: string, name: string): Promise<string> => {
  const port = await freePort();
  const text = `[DEFAULT]
devices = ${folder}/devices
mount_check = false
disable_fallocate = true
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${folder}
workers = 0
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
recon_cache_path = ${folder}
`;
  await writeFile(path.join(folder, `${name}.conf`), text);
  const builder = path.join(folder, `${name}.builder`);
  await run("/usr/bin/swift-ring-builder", [builder, "create", "1", "1", "0"]);
  await run("/usr/bin/swift-ring-builder", [builder, "add", `r1z1-127.0.0.1:${port}/disk`, "1"]);
  await run("/usr/bin/swift-ring-builder", [builder, "rebalance"]);
  return `http://127.0.0.1:${port}`;
};

const proxyServer = async (folder: string): Promise<string> => {
  const port = await freePort();
  const text = `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${folder}
workers = 0
[pipeline:main]
pipeline = catch_errors cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_owner = owning .admin
user_test_stranger = looking
`;
  await writeFile(path.join(folder, "proxy.conf"), text);
  return `http://127.0.0.1:${port}`;
};

/** The addresses of all four servers, that of the proxy last. */
const configure = async (folder: string): Promise<string[]> => {
  await mkdir(path.join(folder, "devices/disk"), { recursive: true });
  const hash = "[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n";
  await writeFile(path.join(folder, "swift.conf"), `${hash}[storage-policy:0]\nname = one\ndefault = yes\n`);
  const addresses: string[] = [];
  for (const name of ["account", "container", "object"]) addresses.push(await storageServer(folder, name));
  return [...addresses, await proxyServer(folder)];
};

const answers = async (address: string): Promise<void> => {
  const until = performance.now() + START_MS;
  while (!(await fetch(address, { signal: AbortSignal.timeout(2000) }).catch(() => undefined))) {
    if (performance.now() > until) throw new Error("Swift does not answer");
    await sleep(100);
  }
};

/** A server for all tests of a file or describe block; a function that answers it. */
export const sharedSwift = (): (() => Swift) => {
  let folder: string | undefined;
  let swift: Swift | undefined;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hitagi-swift-"));
    const addresses = await configure(folder);
    for (const name of ["account", "container", "object", "proxy"]) {
      const env = { PATH: process.env.PATH ?? "", SWIFT_CONF_DIR: folder };
      const args = [path.join(folder, `${name}.conf`)];
      running.push(
        spawn(`/usr/bin/swift-${name}-server`, args, { env, stdio: ["ignore", "ignore", "inherit"] }),
      );
    }
    await Promise.all(addresses.map(answers));
    swift = {
      address: addresses.at(-1) ?? "",
      owner: { keyId: "test:owner", secret: "owning" },
      stranger: { keyId: "test:stranger", secret: "looking" },
    };
  });
  afterAll(async () => {
    for (const child of running) {
      const ended = once(child, "exit");
      if (child.exitCode === null && child.kill("SIGKILL")) await ended;
    }
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (!swift) throw new Error("Swift was not started");
    return swift;
  };
};
