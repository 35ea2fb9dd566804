import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");

/** Says when it runs, and takes its time to end, as a server with running calls does. */
const SERVER = `
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, () => setTimeout(() => { console.log("ended by", signal, process.argv[2]); process.exit(0); }, 300));
}
// It ends with the test too.
process.stdin.once("end", () => process.exit(1)).resume();
console.log("runs");
`;

test.each(["SIGTERM", "SIGINT"] as const)(
  "npm start passes %s on and waits for the end of the server",
  async (signal) => {
    const folder = await mkdtemp(path.join(tmpdir(), "hitagi-npm-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { scripts } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    await mkdir(path.join(folder, "scripts"));
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ scripts: { start: scripts.start } }));
    await writeFile(path.join(folder, "scripts/start.mjs"), SERVER);
    const npm = spawn("npm", ["start", "--silent", "--", "--option"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void npm.stdin.end());
    const lines = createInterface({ input: npm.stdout });
    const printed: string[] = [];
    const ended = once(npm, "exit");
    for await (const line of lines) {
      printed.push(line);
      if (line === "runs") npm.kill(signal);
    }
    await ended;
    expect(printed).toEqual(["runs", `ended by ${signal} --option`]);
  },
);

test.each(["SIGTERM", "SIGINT"] as const)(
  "the program that npm start runs leaves %s to the server in it",
  async (signal) => {
    const folder = await mkdtemp(path.join(tmpdir(), "hitagi-start-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const dist = path.join(folder, "packages/server/dist");
    await mkdir(path.join(folder, "scripts"), { recursive: true });
    await mkdir(dist, { recursive: true });
    for (const name of ["start.mjs", "own-folder.mjs", "test-programs.mjs"])
      await copyFile(path.join(root, "scripts", name), path.join(folder, "scripts", name));
    // Nothing has to be prepared there.
    const prepared = `export const root = ${JSON.stringify(folder)}; export const prepare = async () => {};`;
    await writeFile(path.join(folder, "scripts/prepare.mjs"), prepared);
    await writeFile(path.join(dist, "package.json"), '{ "type": "module" }');
    await writeFile(
      path.join(dist, "hitagi.js"),
      SERVER.replace("process.argv[2]", "process.argv.slice(2).join()"),
    );
    const program = spawn(process.execPath, ["scripts/start.mjs", "--option"], {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void program.stdin.end());
    const printed: string[] = [];
    const ended = once(program, "exit");
    for await (const line of createInterface({ input: program.stdout })) {
      printed.push(line);
      if (line === "runs") program.kill(signal);
    }
    expect(await ended).toEqual([0, null]);
    expect(printed).toEqual(["runs", `ended by ${signal} serve,--option`]);
  },
);
