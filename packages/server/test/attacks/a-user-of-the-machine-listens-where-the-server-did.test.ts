import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startServer } from "../../src/app/listen.ts";
import { readConfig } from "../../src/config/config.ts";
import { localSocket } from "../../src/data-folder/local-socket.ts";
import { openCliWorld, runCaptured } from "../cli/cli-world.ts";
import { tempFolder } from "../support/temp-folder.ts";

const onWindows = process.platform === "win32";

const start = async (data: string, port = "0") => {
  const server = await startServer(
    readConfig({ data, port, warm: "0", log: "silent" }, {}),
    pino({ level: "silent" }),
  );
  onTestFinished(() => server.stop());
  return server;
};

const open = async () => {
  const world = await openCliWorld();
  onTestFinished(() => world.close());
  return world;
};

test.skipIf(onWindows)(
  "the command line needs no port: it connects over the data folder's socket",
  async () => {
    const { folder } = await open();
    const file = path.join(folder, "data", ".hitagi.sock");
    const { mode } = await stat(file);
    expect(mode & 0o777).toBe(0o600);
    // No server listens at the default address in tests, or another one with another key.
    const listed = await runCaptured(["list", "--json"], { cwd: folder });
    expect(listed.code, listed.err).toBe(0);
    await writeFile(path.join(folder, "plugin.ts"), "not a plugin");
    const upload = await runCaptured(["sideload", "plugin.ts"], { cwd: folder });
    expect(upload.err).toContain("error: ");
    expect(upload.err).not.toContain("multipart");
    const backup = await runCaptured(["backup", "all.tar.gz"], { cwd: folder });
    expect(backup.code, backup.err).toBe(0);
  },
);

test.skipIf(onWindows)("the socket is no way around the key", async () => {
  const { folder } = await open();
  await writeFile(path.join(folder, "data", "api-key"), "another key");
  const refused = await runCaptured(["list"], { cwd: folder });
  expect(refused.err).toContain("error: This call needs an API key");
});

test.skipIf(onWindows)("a socket that a killed server left is replaced, and nothing else is", async () => {
  const data = path.join(await tempFolder(), "data");
  await mkdir(data);
  const file = localSocket(data) ?? "";
  const script = `require("node:net").createServer().listen(process.argv[1], () => console.log("listens"))`;
  const killed = spawn(process.execPath, ["-e", script, file]);
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "close");
  expect((await stat(file)).isSocket()).toBe(true);
  await start(data);
  expect((await runCaptured(["list"], { cwd: path.dirname(data) })).code).toBe(0);
});

test.skipIf(onWindows)(
  "a file in the place of the socket stays, and the server runs without it",
  async () => {
    const data = path.join(await tempFolder(), "data");
    await mkdir(data);
    await writeFile(localSocket(data) ?? "", "a file");
    const server = await start(data);
    const env = { HITAGI_SERVER: server.address };
    expect((await runCaptured(["list"], { cwd: path.dirname(data), env })).code).toBe(0);
    expect((await stat(localSocket(data) ?? "")).isFile()).toBe(true);
  },
);

test("a path that is too long for a socket leaves the proof by the address", async () => {
  const data = path.join(await tempFolder(), "d".repeat(100), "data");
  expect(localSocket(data)).toBeUndefined();
  const server = await start(data);
  expect(await readdir(data)).not.toContain(".hitagi.sock");
  const env = { HITAGI_SERVER: server.address, HITAGI_DATA: data };
  expect((await runCaptured(["list"], { env })).code).toBe(0);
});

test.skipIf(onWindows)(
  "a key that was not read from the folder is not sent over the folder's socket",
  async () => {
    // Another user's folder, in which the command line was started.
    const cwd = await tempFolder();
    await mkdir(path.join(cwd, "data"));
    let connections = 0;
    const trap = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(localSocket(path.join(cwd, "data")));
    onTestFinished(() => void trap.close());
    await once(trap, "listening");
    await chmod(localSocket(path.join(cwd, "data")) ?? "", 0o666);
    const env = { HITAGI_API_KEY: "the owner's key" };
    await runCaptured(["list"], { cwd, env });
    expect(connections).toBe(0);
  },
);
