import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { createTokenBucket } from "../../async/token-bucket.ts";
import { FrameError } from "../frames.ts";
import type { CallRequest } from "../types.ts";
import type { Ask, Note, ToHarness } from "./messages.ts";
import type { SandboxProcess } from "./process.ts";

/** Asks of one call under way; the harness holds the rest back. */
const MAX_ASKING = 32;

/** The same with those that the plugin no longer waits for, but whose work on the host has not ended. */
const MAX_RUNNING = 64;

/** Notes a second in the long run, and at once. More are let go. */
const NOTES_A_SECOND = 200;
const NOTES_AT_ONCE = 1000;
/** Notes let go after which the process is ended. */
const MAX_NOTES_LOST = 20_000;

/** Characters that are logged of what a plugin says outside of its calls. */
const MAX_SAID = 1000;

/** Asks of one call that are under way, each with what ends it. */
export type Asking = Map<number, AbortController>;

/** What the host needs of a call to answer its asks. */
export interface AskingCall {
  readonly request: Pick<CallRequest, "ask">;
  readonly asking: Asking;
  /** Asks whose work on the host has not ended. */
  running: number;
  /** The last ask of it that the host refused. */
  refused: HitagiError | undefined;
  /** The caller has its answer already, so that nothing more is done for the call. */
  readonly settled: boolean;
}

const refusal = (id: number, { code, message }: HitagiError): ToHarness => ({
  t: "refusal",
  id,
  code,
  message,
});

/**
 * Relays what plugins ask to the call's own `ask`, and its answers back. Which asks there are and who may is not
 * known here.
 */
export const createAskRelay = ({ send, inTurn }: Pick<SandboxProcess, "send" | "inTurn">, log: Logger) => {
  const toPlugin = (id: number, e: unknown): ToHarness => {
    if (isHitagiError(e)) return refusal(id, e);
    log.error({ err: e }, "a plugin's ask failed inside the server");
    return refusal(id, new HitagiError("INTERNAL", { requestId: `ask ${id}` }));
  };

  const sendAnswer = (id: number, value: unknown): void => {
    try {
      send({ t: "answer", id, value });
    } catch (e) {
      if (!(e instanceof FrameError)) throw e;
      send(
        refusal(id, new HitagiError("CAPABILITY_LIMIT", { reason: "the answer is too large for a plugin" })),
      );
    }
  };

  const callOf = new Map<number, AskingCall>();

  const run = async (call: AskingCall, { id, capability, args }: Ask, signal: AbortSignal): Promise<void> => {
    call.running++;
    const deliver = (value: unknown): Promise<void> =>
      inTurn(() => {
        if (call.asking.delete(id)) sendAnswer(id, value);
      }, signal);
    try {
      const value = await call.request.ask(capability, args, signal, deliver);
      if (call.asking.has(id)) sendAnswer(id, value);
    } catch (e) {
      if (isHitagiError(e)) call.refused = e;
      if (call.asking.has(id)) send(toPlugin(id, e));
    } finally {
      call.running--;
      call.asking.delete(id);
      callOf.delete(id);
    }
  };

  return {
    /** @throws FrameError where the process does not keep to the protocol */
    relay: (call: AskingCall, message: Ask): void => {
      const { id } = message;
      if (callOf.has(id)) throw new FrameError("an ask has the number of another one");
      if (call.asking.size >= MAX_ASKING) throw new FrameError(`more than ${MAX_ASKING} asks at once`);
      if (call.settled) {
        send(refusal(id, new HitagiError("PLUGIN_CANCELLED")));
        return;
      }
      if (call.running >= MAX_RUNNING) {
        send(
          refusal(
            id,
            new HitagiError("CAPABILITY_LIMIT", { reason: "too much of what it asked is under way" }),
          ),
        );
        return;
      }
      const controller = new AbortController();
      call.asking.set(id, controller);
      callOf.set(id, call);
      void run(call, message, controller.signal);
    },
    /** The plugin no longer waits for an answer, which may be on its way. */
    drop: (id: number): void => {
      const asking = callOf.get(id)?.asking;
      asking?.get(id)?.abort();
      asking?.delete(id);
    },
  };
};

/** Passes on notes, as many as the server has time for. */
export const createNoteRelay = (log: Logger) => {
  const allowance = createTokenBucket(NOTES_A_SECOND, NOTES_AT_ONCE);
  const never = new AbortController().signal;
  let lost = 0;
  return {
    /** @throws FrameError where the process floods the server */
    relay: (call: AskingCall | undefined, { capability, args }: Note): void => {
      if (allowance.wait() > 0) {
        if (++lost === 1) log.warn("a plugin says more than is kept; some of its log is lost");
        if (lost > MAX_NOTES_LOST) throw new FrameError("it flooded the server with notes");
        return;
      }
      allowance.take(1);
      if (!call)
        log.debug({ said: JSON.stringify(args).slice(0, MAX_SAID) }, "a plugin spoke outside of its calls");
      else if (!call.settled) {
        Promise.resolve(call.request.ask(capability, args, never)).catch((err: unknown) =>
          log.debug({ err, capability }, "a plugin's note was refused"),
        );
      }
    },
  };
};

/** Ends what a call still asks. */
export const abortAsks = (asking: Asking): void => {
  for (const controller of asking.values()) controller.abort();
  asking.clear();
};
