import type { ToHarness } from "../../processes/messages.ts";
import { receive, send, sendText } from "./channel.ts";
import { createContext } from "./context.ts";
import { exitProcess, preventExit } from "./deno-api.ts";
import { errorMessage, stackOf } from "./error-message.ts";
import { hostFetch } from "./fetch.ts";
import { putGlobal, removeGlobals } from "./globals.ts";
import { hostErrorCode, onError, onResponse, rejectAll } from "./host-requests.ts";
import { hideBlobUrls, loadPlugin, type Plugin } from "./load-plugin.ts";
import { createConsole, writeLog } from "./notifications.ts";
import { newCall, type RunningCall, runIn } from "./running-call.ts";
import { toJson } from "./to-json.ts";

type CallMessage = Extract<ToHarness, { t: "call" }>;

/**
 * Runs inside Deno, one process a plugin version: loads the plugin, runs its calls and sends back their results. The
 * plugin shares the realm and can break it, but harms only itself: the process has no permission, and the host trusts
 * none of its output.
 */
const calls = new Map<number, RunningCall>();
const waiting = new Map<number, CallMessage>();
let plugin: Plugin = {};
let loading = false;

const load = async (filename: string, source: string): Promise<void> => {
  loading = true;
  try {
    const loaded = await loadPlugin(source, filename);
    plugin = loaded.plugin;
    sendText(`{"t":"loaded","manifest":${loaded.manifest}}`);
  } catch (e) {
    send({ t: "loadFailed", reason: errorMessage(e) });
  } finally {
    loading = false;
  }
};

const run = async ({ id, entry, context }: CallMessage): Promise<void> => {
  const call = newCall(id);
  calls.set(id, call);
  try {
    const returned = await runIn(call, async () => plugin[entry]?.(createContext(call, context)));
    // The host checks which types of plugin must return something.
    const result = toJson(returned === undefined ? null : returned, "the result");
    sendText(`{"t":"result","id":${id},"value":${result}}`);
  } catch (e) {
    send({ t: "failure", id, reason: errorMessage(e), stack: stackOf(e), code: hostErrorCode(e) });
  } finally {
    call.ended = true;
    calls.delete(id);
    rejectAll(call, new Error("the call has ended"));
  }
};

const cancel = (id: number): void => {
  if (waiting.delete(id)) {
    send({ t: "failure", id, reason: "the call was cancelled before it began" });
    return;
  }
  const call = calls.get(id);
  if (!call) return;
  call.cancelled = new DOMException("The call was cancelled.", "AbortError");
  call.controller?.abort(call.cancelled);
  rejectAll(call, call.cancelled);
};

/** Begins the calls that were read together, without those that were cancelled meanwhile. */
const begin = (): void => {
  for (const call of waiting.values()) void run(call);
  waiting.clear();
};

const handle = (message: ToHarness): void => {
  switch (message.t) {
    case "load":
      void load(message.filename, message.source);
      break;
    case "call":
      waiting.set(message.id, message);
      break;
    case "ping":
      begin();
      send({ t: "pong" });
      break;
    case "response":
      onResponse(message.id, message.value);
      break;
    case "error":
      onError(message.id, message.code, message.message);
      break;
    case "cancel":
      cancel(message.id);
  }
};

// Errors and rejections that the plugin does not handle are logged; they do not end the process.
const logUnhandled = (thrown: unknown): void => writeLog(undefined, "error", [thrown]);
preventExit("unhandledrejection", "reason", logUnhandled);
preventExit("error", "error", logUnhandled);

removeGlobals();
hideBlobUrls();
putGlobal("fetch", hostFetch);
putGlobal("console", createConsole());
send({ t: "ready" });
await receive(handle, begin, () => calls.size === 0 && !loading);
exitProcess(0);
