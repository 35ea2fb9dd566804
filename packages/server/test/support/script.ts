import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, symlink } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { inject, onTestFinished } from "vitest";
import { external } from "../../../../scripts/build.mjs";
import { forNode } from "../../../../scripts/build-parts.mjs";
import { failOnCrash } from "./crashed.ts";

const root = path.resolve(import.meta.dirname, "../../../..");

/** For what another worker may have made already. */
export const ifThere = (e: NodeJS.ErrnoException): void => {
  if (e.code !== "EEXIST") throw e;
};

/** A TypeScript file that runs in a Node process of its own, which ends with the test at the latest. */
export interface Script {
  process: ChildProcess;
  /** The next line that it prints; rejects where it ends without one. */
  line(): Promise<string>;
  /** Ends it as `kill -9` does, and waits until it has ended. */
  kill(): Promise<void>;
  ended: Promise<unknown>;
}

const bundle = async (entry: string): Promise<string> => {
  const name = createHash("sha256").update(entry).digest("hex").slice(0, 16);
  const folder = path.join(inject("bundles"), name);
  const outfile = path.join(folder, "script.mjs");
  if (existsSync(outfile)) return outfile;
  await mkdir(folder, { recursive: true });
  // The libraries that are not bundled are found through it.
  await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction").catch(
    ifThere,
  );
  const own = path.join(folder, `${process.pid}.mjs`);
  await build({
    ...forNode,
    entryPoints: [entry],
    outfile: own,
    external,
  });
  // Another worker may be running the same script.
  await rename(own, outfile);
  return outfile;
};

const bundles = new Map<string, Promise<string>>();

/**
 * Bundles a script and its libraries into one file, which plain Node starts several times faster than the libraries' many.
 * A run bundles each script once.
 * @returns the file, in a folder of its own
 */
export const bundleScript = (entry: string): Promise<string> => {
  const made = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, made);
  return made;
};

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
