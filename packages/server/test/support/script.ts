import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { onTestFinished } from "vitest";
import { failOnCrash } from "./crashed.ts";
import { tempFolder } from "./temp-folder.ts";

const root = path.resolve(import.meta.dirname, "../../../..");

/** A TypeScript file that runs in a Node process of its own, which ends with the test at the latest. */
export interface Script {
  process: ChildProcess;
  /** The next line that it prints; rejects where it ends without one. */
  line(): Promise<string>;
  /** Ends it as `kill -9` does, and waits until it has ended. */
  kill(): Promise<void>;
  ended: Promise<unknown>;
}

/** Bundles a script into a folder so that plain Node can run it. Its packages are found through a link in the folder. */
export const bundleInto = async (folder: string, entry: string): Promise<string> => {
  await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  const outfile = path.join(folder, "script.mjs");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    packages: "external",
    alias: { "@hitagi/contract": path.join(root, "packages/contract/src/index.ts") },
  });
  return outfile;
};

/** The same into a temporary folder. */
export const bundleScript = async (entry: string): Promise<string> => bundleInto(await tempFolder(), entry);

/** Starts what {@link bundleScript} made. */
export const startBundled = (bundle: string, args: string[]): Script => {
  const child = spawn(process.execPath, [bundle, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
    process.stderr.write(text);
  });
  const ended = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(async () => {
    await kill();
    failOnCrash(err);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    line: async () => {
      const next = await lines.next();
      if (next.done) throw new Error("The script ended without another line");
      return next.value;
    },
    kill,
    ended,
  };
};

/** Bundles and starts a script. @param entry path of the .ts file */
export const startScript = async (entry: string, ...args: string[]): Promise<Script> =>
  startBundled(await bundleScript(entry), args);
