import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createTokenBucket } from "../../async/token-bucket.ts";
import { FrameError } from "../frames.ts";
import { MAX_OPEN_REQUESTS } from "../protocol-limits.ts";
import { createLogLimiter, type LogLine } from "./log-limiter.ts";
import type { HostRequest, Notification } from "./messages.ts";
import type { PendingCall } from "./pending-calls.ts";
import type { SandboxProcess } from "./sandbox-process.ts";

/** Requests of one call whose work on the host goes on, aborted ones included. */
const MAX_RUNNING = 64;

const PROGRESS_PER_SECOND = 50;
const PROGRESS_BURST = 200;

/** Characters of an error that a plugin sees: its message may quote a name that fills a frame. */
const MAX_MESSAGE = 4000;

/** Characters logged of a line outside of every call. */
const MAX_LOGGED = 1000;

/** Why a call may not request anything now. */
const rejection = ({ settled, runningRequests }: PendingCall): HitagiError | undefined => {
  if (settled) return new HitagiError("PLUGIN_CANCELLED");
  if (runningRequests < MAX_RUNNING) return undefined;
  return new HitagiError("CAPABILITY_LIMIT", { reason: "too many of its requests are still running" });
};

/** Passes a process's host requests to the handler of their call, and the responses back. */
export const createHostRequestRelay = (
  { send, sendWhenDrained }: Pick<SandboxProcess, "send" | "sendWhenDrained">,
  log: Logger,
) => {
  const callOf = new Map<number, PendingCall>();

  const sendError = (id: number, { code, message }: HitagiError): void =>
    send({ t: "error", id, code, message: message.slice(0, MAX_MESSAGE) });

  /** A plugin sees no other errors than those of the contract. */
  const visible = (id: number, e: unknown): HitagiError => {
    if (isHitagiError(e)) return e;
    log.error({ err: e }, "a host request failed inside the server");
    return new HitagiError("INTERNAL", { requestId: `request ${id}` });
  };

  const sendResponse = (id: number, value: unknown): void => {
    try {
      send({ t: "response", id, value });
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      const reason = "the answer is too large for a plugin";
      sendError(id, new HitagiError("CAPABILITY_LIMIT", { reason }));
    }
  };

  const run = async (
    call: PendingCall,
    { id, capability, args }: HostRequest,
    signal: AbortSignal,
  ): Promise<void> => {
    call.runningRequests++;
    const deliver = (value: unknown): Promise<void> =>
      sendWhenDrained(() => {
        if (call.openRequests.delete(id)) sendResponse(id, value);
      }, signal);
    try {
      const value = await call.request.onHostRequest(capability, args, signal, deliver);
      if (call.openRequests.has(id)) sendResponse(id, value);
    } catch (e) {
      if (isHitagiError(e)) call.lastError = e;
      if (call.openRequests.has(id)) sendError(id, visible(id, e));
    } finally {
      call.runningRequests--;
      call.openRequests.delete(id);
      callOf.delete(id);
    }
  };

  return {
    /** @throws FrameError if the process breaks the protocol */
    relay: (call: PendingCall, request: HostRequest): void => {
      const { id } = request;
      // They have limits of their own, as notifications.
      if (request.capability === "log" || request.capability === "progress")
        throw new FrameError(`${request.capability} is no request`);
      if (callOf.has(id)) throw new FrameError("a request has the number of another one");
      if (call.openRequests.size >= MAX_OPEN_REQUESTS)
        throw new FrameError(`more than ${MAX_OPEN_REQUESTS} requests at once`);
      const error = rejection(call);
      if (error) {
        sendError(id, error);
        return;
      }
      const controller = new AbortController();
      call.openRequests.set(id, controller);
      callOf.set(id, call);
      void run(call, request, controller.signal);
    },
    /** Ignores a request that has been answered: the response may be on its way. */
    abort: (id: number): void => {
      const open = callOf.get(id)?.openRequests;
      open?.get(id)?.abort();
      open?.delete(id);
    },
  };
};

const isLogLine = (args: unknown): args is LogLine => {
  const { level, text } = Object(args);
  return typeof level === "string" && typeof text === "string";
};

/** Passes notifications to the handler of their call. Too many of them are left out, which is no fault. */
export const createNotificationRelay = (log: Logger) => {
  const lines = createLogLimiter();
  const progress = createTokenBucket(PROGRESS_PER_SECOND, PROGRESS_BURST);
  const never = new AbortController().signal;

  const pass = ({ request }: PendingCall, capability: string, args: unknown): void => {
    Promise.resolve(request.onHostRequest(capability, args, never)).catch((err: unknown) =>
      log.debug({ err, capability }, "a plugin's notification was rejected"),
    );
  };

  /** What the plugin logs outside of every call. */
  const note = ({ text }: LogLine): void =>
    log.debug({ text: text.slice(0, MAX_LOGGED) }, "a plugin logged outside of its calls");

  return {
    relay: (call: PendingCall | undefined, { capability, args }: Notification): void => {
      if (call?.settled) return;
      if (capability === "log") {
        if (isLogLine(args)) lines.add(args, call ? (line) => pass(call, "log", line) : note);
      } else if (call && progress.available() > 0) {
        progress.take(1);
        pass(call, capability, args);
      }
    },
    /** A call ended: its last lines are written before its end is known. */
    flush: lines.flush,
    /** The process ended. */
    stop: (): void => {
      lines.flush();
      lines.stop();
    },
  };
};
