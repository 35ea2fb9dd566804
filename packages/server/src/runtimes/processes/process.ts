import { createFrameDecoder, encodeFrame, type Frame, FrameError } from "../frames.ts";
import { createFlow } from "./flow.ts";
import type { Child } from "./launcher.ts";
import { type FromHarness, readMessage, type ToHarness } from "./messages.ts";
import { createOutbox, type Outbox } from "./outbox.ts";

/** What is kept of the last things that the process said on its error output, in bytes. */
const STDERR_KEPT = 8 * 1024;

/** Milliseconds after its end for what it said before. */
const LAST_WORDS_MS = 500;

/** A sandboxed process: messages in and out, and its end. It says nothing that is not a message of the protocol. */
export interface SandboxProcess {
  readonly pid: number;
  /** @throws FrameError where the message is too large; nothing was sent then */
  send(message: ToHarness): void;
  /** For what may be large: sends once the process has read enough of what it was sent before. See Outbox.inTurn. */
  inTurn: Outbox["inTurn"];
  /** Ends it at once. The first reason given is the one that counts. */
  kill(reason: string): void;
  /** Whether it can still be sent anything. */
  alive(): boolean;
  /** Settles once the process is gone. */
  readonly gone: Promise<void>;
}

export interface ProcessListener {
  onMessage(message: FromHarness): void;
  /** Called once, when the process ended or was ended; nothing is heard of it afterwards. */
  onEnd(reason: string, stderr: string): void;
}

const signalGroup = (pid: number): void => {
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // Gone already.
  }
};

const whyItEnded = (code: number | null, signal: string | null, stderr: string): string => {
  if (/out of memory|heap limit/i.test(stderr)) return "it ran out of memory";
  return signal === null ? `it ended by itself with code ${code}` : `it was ended by ${signal}`;
};

/** Takes over a process that was just started. Whatever it says that is no message ends it. */
export const superviseProcess = (child: Child, listener: ProcessListener): SandboxProcess => {
  const decoder = createFrameDecoder();
  const flow = createFlow(child.stdout);
  let stderr = "";
  let ended = false;
  const outbox = createOutbox(child.stdin, () => end("it did not read its input"));

  const end = (reason: string): void => {
    if (ended) return;
    ended = true;
    flow.stop();
    outbox.stop();
    if (child.pid !== undefined) signalGroup(child.pid);
    child.stdout.destroy();
    listener.onEnd(reason, stderr);
  };

  const onFrame = (frame: Frame, values: number): void => {
    if (ended) return;
    flow.countValues(values);
    const message = readMessage(frame);
    if (!message) throw new FrameError("a message of no known kind");
    if (message.t !== "result" && message.t !== "failure") flow.countMessage();
    listener.onMessage(message);
  };

  child.stdout.on("data", (chunk: Buffer) => {
    try {
      decoder.push(chunk, onFrame);
      if (!ended) flow.countChunk(chunk.length);
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      end(`it broke the protocol: ${e.message}`);
    }
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  // A write to a process that has just ended fails; its end is told by `close`.
  child.stdin.on("error", () => {});
  child.stdout.on("error", () => {});

  const gone = new Promise<void>((resolve) => {
    child.once("error", (e) => {
      end(`it could not be started: ${e.message}`);
      if (child.pid === undefined) resolve();
    });
    child.once("close", (code, signal) => {
      end(whyItEnded(code, signal, stderr));
      resolve();
    });
    child.once("exit", () => {
      child.stdout.resume();
      // What it started may hold its pipes, some of it in a group of its own, which nothing here ends.
      if (child.pid !== undefined) signalGroup(child.pid);
      const closing = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, LAST_WORDS_MS);
      child.once("close", () => clearTimeout(closing));
    });
  });

  return {
    pid: child.pid ?? 0,
    send: (message) => {
      if (!ended) outbox.send(encodeFrame(message));
    },
    inTurn: outbox.inTurn,
    kill: end,
    alive: () => !ended,
    gone,
  };
};
