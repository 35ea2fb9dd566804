import type { ToHarness } from "../../processes/messages.ts";
import { receive, send } from "./channel.ts";
import { exitProcess } from "./deno-api.ts";
import { errorMessage } from "./error-message.ts";
import { prepareParser, toPluginModule } from "./plugin-module.ts";

/**
 * Runs inside Deno, in a process that never runs a plugin: makes the JavaScript that plugins' processes load. It answers
 * `load` with the code in place of a manifest.
 */
const compile = (message: ToHarness): void => {
  if (message.t !== "load") return;
  try {
    send({ t: "loaded", manifest: toPluginModule(message.source, message.filename) });
  } catch (e) {
    send({ t: "loadFailed", reason: errorMessage(e) });
  }
};

prepareParser();
await receive(
  compile,
  () => {},
  () => true,
);
exitProcess(0);
