import type { Child } from "../../async/child-process.ts";
import { createFrameDecoder, encodeFrame, type Frame, FrameError } from "../frames.ts";
import type { GrantedFile } from "../granted-files.ts";
import { createBackpressure } from "./backpressure.ts";
import { type FromHarness, readMessage, type ToHarness } from "./messages.ts";
import { createSendQueue, type SendQueue } from "./send-queue.ts";

const STDERR_KEPT = 8 * 1024;

/** Milliseconds after the exit in which its pipes are still read. */
const DRAIN_MS = 500;

/** Starts processes that wait for a plugin. They are all alike, except for the files that they see. */
export interface Launcher {
  /** @param files that its plugin may read, for launchers of processes that open files @throws HitagiError if it cannot have them */
  start(files?: readonly GrantedFile[]): Child;
  /** Why a process, with all processes below it, is over a limit of this kind of process; undefined if it is not. */
  fault?(tree: readonly number[]): string | undefined;
  /** Whether a process and all below it are as many as they can be: the kernel refuses them others. Only the last one runs a plugin. */
  isComplete?(tree: readonly number[]): boolean;
  dispose(): Promise<void>;
}

/** A sandboxed process that exchanges messages. */
export interface SandboxProcess {
  readonly pid: number;
  /** @throws FrameError if the message is too large; nothing was sent then */
  send(message: ToHarness): void;
  sendWhenDrained: SendQueue["sendWhenDrained"];
  /** Ends it at once. Only the first reason counts. */
  kill(reason: string): void;
  alive(): boolean;
  readonly gone: Promise<void>;
}

export interface ProcessListener {
  onMessage(message: FromHarness): void;
  /** Called once, as the last thing. */
  onEnd(reason: string, stderr: string): void;
}

const killGroup = (pid: number): void => {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has exited.
  }
};

const exitReason = (code: number | null, signal: string | null, stderr: string): string => {
  if (/out of memory|heap limit/i.test(stderr)) return "it ran out of memory";
  return signal === null ? `it ended by itself with code ${code}` : `it was ended by ${signal}`;
};

/** Takes over a process that was just started. Output that is no message ends it. */
export const superviseProcess = (child: Child, listener: ProcessListener): SandboxProcess => {
  const decoder = createFrameDecoder();
  const backpressure = createBackpressure(child.stdout);
  const errorPressure = createBackpressure(child.stderr);
  let stderr = "";
  let ended = false;
  const queue = createSendQueue(child.stdin, () => end("it did not read its input"));

  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    backpressure.stop();
    errorPressure.stop();
    child.stderr.resume();
    queue.stop();
    if (child.pid !== undefined) killGroup(child.pid);
    child.stdout.destroy();
    listener.onEnd(reason, stderr);
  };

  const onFrame = (frame: Frame, values: number): void => {
    if (ended) return;
    backpressure.countValues(values);
    const message = readMessage(frame);
    if (!message) throw new FrameError("a message of no known kind");
    if (message.t !== "result" && message.t !== "failure") backpressure.countMessage();
    listener.onMessage(message);
  };

  child.stdout.on("data", (chunk: Buffer) => {
    try {
      decoder.push(chunk, onFrame);
      if (!ended) backpressure.countChunk(chunk.length);
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      end(`it broke the protocol: ${e.message}`);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
    if (!ended) errorPressure.countChunk(text.length);
  });

  const gone = new Promise<void>((resolve) => {
    child.once("error", (e) => {
      end(`it could not be started: ${e.message}`);
      if (child.pid === undefined) resolve();
    });
    child.once("close", (code, signal) => {
      end(exitReason(code, signal, stderr));
      resolve();
    });
    child.once("exit", () => {
      child.stdout.resume();
      // Processes that it started may hold its pipes open, even from a process group that is not killed here.
      if (child.pid !== undefined) killGroup(child.pid);
      const closing = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
      child.once("close", () => clearTimeout(closing));
    });
  });

  return {
    pid: child.pid ?? 0,
    send: (message) => {
      if (!ended) queue.send(encodeFrame(message));
    },
    sendWhenDrained: queue.sendWhenDrained,
    kill: end,
    alive: () => !ended,
    gone,
  };
};
