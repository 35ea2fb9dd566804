import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createClient } from "@hitagi/contract";
import { processIo } from "../src/cli/io.ts";
import { runCli } from "../src/cli/run-cli.ts";
import { killAtExit } from "../test/support/kill-at-exit.ts";
import { writeComic } from "./sample-comic.ts";

const KEY = "demo";
const CALLS = 400;
const UPGRADE_AFTER = 100;
const IN_FLIGHT = 16;
// Runs from packages/server/dist.
const root = path.resolve(import.meta.dirname, "../../..");

const say = (text: string): void => console.log(`\n\u2500\u2500 ${text}\n`);

/** Starts the real server in a process of its own, on a free port and a new data folder. */
const startServer = async (data: string) => {
  const child = killAtExit(
    spawn(process.execPath, [path.join(import.meta.dirname, "hitagi.js"), "serve"], {
      env: { ...process.env, HITAGI_PORT: "0", HITAGI_DATA: data, HITAGI_API_KEY: KEY, HITAGI_LOG: "error" },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      if (found) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  return { url, stop };
};

/** A command line bound to a server: prints what a person would type, runs it, and shows its output as it is. */
const commandLine = (url: string) => {
  const io = { ...processIo(), cwd: root, env: { ...process.env, HITAGI_SERVER: url, HITAGI_API_KEY: KEY } };
  return async (line: string, { mayFail = false } = {}): Promise<void> => {
    console.log(`$ hitagi ${line}`);
    const code = await runCli(line.split(" "), io);
    if (code !== 0 && !mayFail) throw new Error(`hitagi ${line} ended with ${code}`);
    if (mayFail) console.log(`(exit code ${code})`);
  };
};

/** Calls the echo script all the while its upgrade runs, and counts which version answered. */
const upgradeUnderLoad = async (url: string, upgrade: () => Promise<void>): Promise<void> => {
  const client = createClient(url, KEY);
  const answers: Record<string, number> = {};
  let begun = 0;
  let upgraded = false;
  let oldAfterwards = 0;
  let upgrading: Promise<void> | undefined;
  const call = async (): Promise<void> => {
    const after = upgraded;
    const { success, error, data } = await client.usePlugin({ query: { plugin: "echo", arg: "hi" } });
    const answer = success === 1 ? String((data as { version?: string }).version) : `failed: ${error}`;
    answers[answer] = (answers[answer] ?? 0) + 1;
    if (after && answer === "1.0.0") oldAfterwards++;
  };
  const worker = async (): Promise<void> => {
    while (begun < CALLS || !upgraded) {
      if (++begun === UPGRADE_AFTER) {
        upgrading = upgrade().then(() => {
          upgraded = true;
        });
      }
      await call();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  await upgrading;
  for (let i = 0; i < IN_FLIGHT; i++) await call();
  console.table(answers);
  console.log(`Calls that began after the upgrade was done and got the old version: ${oldAfterwards}`);
};

const show = async (url: string, folder: string): Promise<void> => {
  const hitagi = commandLine(url);
  say("A registry is added, and shows what it offers");
  await hitagi("registry add ./registry");
  await hitagi("search");

  say("A plugin is installed: vetted in a sandbox before anything can run it");
  await hitagi("install comic-info-full --yes");

  say("An archive is uploaded, and the plugin reads its ComicInfo.xml");
  const comic = path.join(folder, "snail.cbz");
  await writeComic(comic);
  await hitagi(`library add ${comic}`);
  const [archive] = await createClient(url, KEY).listArchives({});
  await hitagi(`run comic-info-full --archive ${archive?.arcid} --apply`);
  await hitagi(`library show ${archive?.arcid}`);

  say("A plugin is upgraded while it is called all the time");
  await hitagi("registry add ./examples/registry --name Examples");
  await hitagi("install echo --version 1.0.0 --yes");
  await upgradeUnderLoad(url, () => hitagi("upgrade echo"));

  say("An upgrade that does not load is refused, and the version before it goes on");
  await hitagi("install broken-on-purpose --version 1.0.0 --yes");
  await hitagi("upgrade broken-on-purpose", { mayFail: true });
  await hitagi("run broken-on-purpose");

  say("And an upgrade that you do not like is undone");
  await hitagi("rollback echo");
  await hitagi("run echo --arg hi");
  await hitagi("verify");
};

const folder = await mkdtemp(path.join(tmpdir(), "hitagi-demo-"));
const server = await startServer(path.join(folder, "data"));
try {
  await show(server.url, folder);
  console.log(
    "\nAll of it ran on a real server with real files in a temporary folder, which is removed now.",
  );
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
