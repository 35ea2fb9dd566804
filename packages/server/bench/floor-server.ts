import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { killAtExit } from "../test/support/kill-at-exit.ts";

export interface FloorServer {
  url: string;
  pid: number;
  stop(): void;
}

/** Starts the floor. @param bytes what `/` answers */
export const startFloor = async (folder: string, bytes: Buffer): Promise<FloorServer> => {
  const file = path.join(folder, "floor.json");
  await writeFile(file, bytes);
  const child = killAtExit(
    spawn(process.execPath, [path.join(import.meta.dirname, "bench-floor.js"), file], {
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the floor ended with ${code}`)));
  });
  return { url, pid: child.pid ?? 0, stop: () => void child.kill() };
};
