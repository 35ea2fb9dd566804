import { HitagiError } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import type { Child } from "../../async/child-process.ts";
import { createDeferred, type Deferred } from "../../async/deferred.ts";
import { lowerPriority } from "../processes/process-limits.ts";
import { type SandboxProcess, superviseProcess } from "../processes/sandbox-process.ts";
import type { PluginCode } from "../types.ts";

const LIMIT_MS = 10_000;
const IDLE_MS = 60_000;

/** Characters of compiled code that are kept. */
const CACHE_SIZE = 8 * 1024 * 1024;

interface CompilerProcess {
  process: SandboxProcess;
  compile(filename: string, source: string): Promise<string>;
}

const startProcess = (child: Child): CompilerProcess => {
  let current: Deferred<string> | undefined;
  let lowered = false;
  const process = superviseProcess(child, {
    onMessage: (message) => {
      if (message.t === "loaded" && typeof message.manifest === "string") current?.resolve(message.manifest);
      else if (message.t === "loadFailed")
        current?.reject(new HitagiError("LOAD_FAILED", { reason: message.reason }));
      else process.kill("a message at the wrong time");
    },
    onEnd: (reason) =>
      current?.reject(new HitagiError("LOAD_FAILED", { reason: `its file could not be checked: ${reason}` })),
  });
  return {
    process,
    compile: (filename, source) => {
      current = createDeferred();
      // Threads and processes that it starts later have its priority.
      if (!lowered) lowerPriority(process.pid);
      lowered = true;
      process.send({ t: "load", filename, source });
      return current.promise;
    },
  };
};

/**
 * Makes the JavaScript that plugins' processes load, in one process for all plugins, which runs none of them. It is
 * started with the first file, and ends when it is not used.
 * @param start starts a process of harness/compiler.ts
 */
export const createCompiler = (start: () => Promise<Child>) => {
  const compiled = new LRUCache<string, string>({
    maxSize: CACHE_SIZE,
    sizeCalculation: (code) => code.length + 1,
  });
  const one = pLimit(1);
  let running: CompilerProcess | undefined;
  let stopped = false;

  const end = (reason: string): void => running?.process.kill(reason);
  const idle = setTimeout(() => end("it is not used"), IDLE_MS).unref();

  const open = async (): Promise<CompilerProcess> => {
    if (!running?.process.alive()) {
      const child = await start();
      if (stopped) child.kill("SIGKILL");
      running = startProcess(child);
    }
    return running;
  };

  const compileNow = async (key: string, { filename, source }: PluginCode): Promise<string> => {
    const limit = setTimeout(() => end(`it took longer than ${LIMIT_MS / 1000} s`), LIMIT_MS);
    try {
      const made = await (await open()).compile(filename, source.toString("utf8"));
      compiled.set(key, made);
      return made;
    } finally {
      clearTimeout(limit);
      idle.refresh();
    }
  };

  return {
    /** @throws HitagiError LOAD_FAILED with file, line and column if the file is not valid or imports something */
    compile: async (code: PluginCode): Promise<string> => {
      const key = `${code.sha256} ${code.filename}`;
      // Compiled code does not wait behind a file that takes long.
      return compiled.get(key) ?? one(async () => compiled.get(key) ?? compileNow(key, code));
    },
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(idle);
      end("the server stopped");
      await running?.process.gone;
    },
  };
};
