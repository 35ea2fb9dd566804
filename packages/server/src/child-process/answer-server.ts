import { isMainThread, Worker, workerData } from "node:worker_threads";

/** Milliseconds between two looks at the memory and at the server. */
const WATCH_MS = 100;

/**
 * Ends this process, from a thread of its own, when it holds too much memory or its server is gone: a thread that is busy sees neither.
 */
const watch = ({ server, maxMemory }: { server: number; maxMemory: number }): void => {
  const isGone = (): boolean => {
    try {
      process.kill(server, 0);
      return false;
    } catch {
      return true;
    }
  };
  setInterval(() => {
    if (process.memoryUsage.rss() > maxMemory || isGone()) process.kill(process.pid, "SIGKILL");
  }, WATCH_MS);
};

/**
 * Answers the requests of the server in a process that `createLimitedProcess` started.
 * @param file the program's `import.meta.url`: the thread that watches this process starts from it, and calls this function again
 * @param createAnswer called once; what its function throws ends the process
 */
export const answerServer = <Request, Answer>(
  file: string,
  createAnswer: () => (request: Request) => Promise<Answer>,
): void => {
  if (!isMainThread) {
    watch(workerData);
    return;
  }
  // The server may be gone already, so its id is not looked up here.
  const [server, maxMemory] = process.argv.slice(2).map(Number);
  new Worker(new URL(file), { workerData: { server, maxMemory } });
  const answer = createAnswer();
  process.on("message", async (request: Request) => process.send?.(await answer(request)));
  process.on("disconnect", () => process.exit());
};
