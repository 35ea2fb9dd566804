import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createTokenBucket } from "../../async/token-bucket.ts";
import { FrameError } from "../frames.ts";
import { MAX_OPEN_REQUESTS } from "../protocol-limits.ts";
import type { HostRequest, Notification } from "./messages.ts";
import type { PendingCall } from "./pending-calls.ts";
import type { SandboxProcess } from "./sandbox-process.ts";

/** Requests of one call whose work on the host goes on, aborted ones included. */
const MAX_RUNNING = 64;

const NOTIFICATIONS_PER_SECOND = 200;
const NOTIFICATION_BURST = 1000;
/** Dropped notifications after which the process is ended. */
const MAX_DROPPED = 20_000;

/** Characters logged of a notification outside of every call. */
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
    send({ t: "error", id, code, message });

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

/** Passes notifications to the handler of their call, at a limited rate. */
export const createNotificationRelay = (log: Logger) => {
  const allowance = createTokenBucket(NOTIFICATIONS_PER_SECOND, NOTIFICATION_BURST);
  const never = new AbortController().signal;
  let dropped = 0;
  return {
    /** @throws FrameError if the process floods the server */
    relay: (call: PendingCall | undefined, { capability, args }: Notification): void => {
      if (allowance.wait() > 0) {
        if (++dropped === 1) log.warn("a plugin logs too fast; some lines are dropped");
        if (dropped > MAX_DROPPED) throw new FrameError("it flooded the server with notifications");
        return;
      }
      allowance.take(1);
      if (!call) {
        const text = JSON.stringify(args).slice(0, MAX_LOGGED);
        log.debug({ text }, "a plugin sent a notification outside of its calls");
      } else if (!call.settled) {
        Promise.resolve(call.request.onHostRequest(capability, args, never)).catch((err: unknown) =>
          log.debug({ err, capability }, "a plugin's notification was rejected"),
        );
      }
    },
  };
};
