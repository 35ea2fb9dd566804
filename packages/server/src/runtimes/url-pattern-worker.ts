import { parentPort } from "node:worker_threads";
import type { FromPatternWorker, ToPatternWorker } from "./url-pattern.ts";
import { compileUrlRegex, type UrlRegex } from "./url-regex.ts";

const compiled = new Map<string, UrlRegex | undefined>();
/** More than the download plugins of a server. */
const MAX_COMPILED = 1000;

const regexOf = (pattern: string): UrlRegex | undefined => {
  if (!compiled.has(pattern)) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(pattern, compileUrlRegex(pattern));
  }
  return compiled.get(pattern);
};

const send = (message: FromPatternWorker): void => parentPort?.postMessage(message);

parentPort?.on("message", ({ pattern, url }: ToPatternWorker) => {
  send({ kind: "received" });
  const regex = regexOf(pattern);
  if (!regex) send({ kind: "ended", match: "invalid" });
  else {
    send({ kind: "begun", linear: regex.linear });
    send({ kind: "ended", match: regex.test(url) ? "matches" : "differs" });
  }
});
