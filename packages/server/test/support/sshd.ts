import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { userInfo } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { tempFolder } from "./temp-folder.ts";

const run = promisify(execFile);

/** The ssh daemon of this machine, or undefined where there is none; the tests' own command installs it where it may. */
export const sshd: string | undefined = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"].find(
  (file) => existsSync(file),
);

/** Makes a key pair; answers the private key's text and the public one's. */
export const makeSshKey = async (passphrase = ""): Promise<{ secret: string; open: string }> => {
  const file = path.join(await tempFolder(), "key");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-C", "a test", "-f", file]);
  return { secret: await readFile(file, "utf8"), open: await readFile(`${file}.pub`, "utf8") };
};

export interface SshServer {
  /** `ssh://user@127.0.0.1:port`. */
  address: string;
  /** Gives the server another host key from now on. */
  changeHostKey(): Promise<void>;
}

const writeKey = async (file: string): Promise<void> => {
  await writeFile(file, (await makeSshKey()).secret, { mode: 0o600 });
  await chmod(file, 0o600);
};

const config = (folder: string): string =>
  [
    `HostKey ${folder}/host-key`,
    `AuthorizedKeysFile ${folder}/authorized`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "PidFile none",
    "LogLevel ERROR",
  ].join("\n");

/**
 * A real ssh server on a free port: sshd itself, one process a connection, with what came over the network as its input.
 * @param open the public key that it lets in
 * @param before runs before each connection is answered
 */
export const sshServer = async (open: string, before: () => Promise<void>): Promise<SshServer> => {
  const folder = await tempFolder();
  await writeKey(path.join(folder, "host-key"));
  await writeFile(path.join(folder, "authorized"), open);
  await writeFile(path.join(folder, "config"), config(folder));
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true });
  const server = createServer(async (socket) => {
    await before();
    const child = spawn(sshd ?? "sshd", ["-i", "-e", "-f", path.join(folder, "config")], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    socket.pipe(child.stdin).on("error", () => {});
    child.stdout.pipe(socket).on("error", () => {});
    socket.on("error", () => {}).on("close", () => child.kill());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    changeHostKey: () => writeKey(path.join(folder, "host-key")),
  };
};
