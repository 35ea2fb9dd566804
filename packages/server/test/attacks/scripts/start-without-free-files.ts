import { openSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { startChild } from "../../../src/async/child-process.ts";

const messageOf = (work: () => unknown): string => {
  try {
    work();
    return "it started";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

// An attacker's open connections have the same effect.
for (;;) {
  const reached = messageOf(() => openSync("/dev/null", "r"));
  if (reached.startsWith("EMFILE")) break;
}
const message = messageOf(() => startChild("/bin/true", [], {}));
// The error of the process is reported in the next turn.
await nextTurn();
process.stdout.write(`${message}\nstill running\n`);
