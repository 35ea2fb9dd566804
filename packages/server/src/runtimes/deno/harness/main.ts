import type { ToHarness } from "../../processes/messages.ts";
import { answer, refusalCode, refuse, rejectAll } from "./asks.ts";
import { receive, send, sendText } from "./channel.ts";
import { createContext } from "./context.ts";
import { exitProcess, keepGoing } from "./deno-api.ts";
import { describe, stackOf } from "./describe.ts";
import { hostFetch } from "./fetch.ts";
import { putGlobal, removeGlobals } from "./globals.ts";
import { type LiveCall, newCall, runIn } from "./live-call.ts";
import { createConsole, writeLog } from "./notes.ts";
import { hideBlobUrls, loadPlugin, type Plugin } from "./plugin.ts";
import { toJson } from "./result.ts";

/**
 * Runs inside Deno, one process a plugin version: takes the plugin and its calls from the host, and gives back what
 * they return. It shares its realm with the plugin, which may therefore break it, and harms only itself by that: the
 * process has no permission, and the host believes nothing that comes out of it.
 */
const calls = new Map<number, LiveCall>();
let plugin: Plugin = {};
let loading = false;

const load = async (filename: string, source: string): Promise<void> => {
  loading = true;
  try {
    const loaded = await loadPlugin(source, filename);
    plugin = loaded.plugin;
    sendText(`{"t":"loaded","manifest":${loaded.manifest}}`);
  } catch (e) {
    send({ t: "unloadable", reason: describe(e) });
  } finally {
    loading = false;
  }
};

const run = async ({ id, entry, context }: Extract<ToHarness, { t: "call" }>): Promise<void> => {
  const call = newCall(id);
  calls.set(id, call);
  try {
    const returned = await runIn(call, async () => plugin[entry]?.(createContext(call, context)));
    // A script that has nothing to say returns nothing; which types must return something is checked by the host.
    const result = toJson(returned === undefined ? null : returned, "the result");
    sendText(`{"t":"result","id":${id},"value":${result}}`);
  } catch (e) {
    send({ t: "failure", id, reason: describe(e), stack: stackOf(e), code: refusalCode(e) });
  } finally {
    call.ended = true;
    calls.delete(id);
    rejectAll(call, new Error("the call has ended"));
  }
};

const cancel = (id: number): void => {
  const call = calls.get(id);
  if (!call) return;
  call.cancelled = new DOMException("The call was cancelled.", "AbortError");
  call.controller?.abort(call.cancelled);
  rejectAll(call, call.cancelled);
};

const handle = (message: ToHarness): void => {
  switch (message.t) {
    case "load":
      void load(message.filename, message.source);
      break;
    case "call":
      void run(message);
      break;
    case "answer":
      answer(message.id, message.value);
      break;
    case "refusal":
      refuse(message.id, message.code, message.message);
      break;
    case "cancel":
      cancel(message.id);
  }
};

// A rejection or an error that the plugin left lying is its own affair, not a reason to end.
const logLeftLying = (thrown: unknown): void => writeLog(undefined, "error", [thrown]);
keepGoing("unhandledrejection", "reason", logLeftLying);
keepGoing("error", "error", logLeftLying);

removeGlobals();
hideBlobUrls();
putGlobal("fetch", hostFetch);
putGlobal("console", createConsole());
send({ t: "ready" });
await receive(handle, () => calls.size === 0 && !loading);
exitProcess(0);
