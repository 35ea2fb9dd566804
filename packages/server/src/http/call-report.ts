import type { CallReport } from "@hitagi/contract";
import type { CallObserver } from "../plugins/types.ts";

/** Lines and requests that a report has; the first ones. */
const [MAX_LINES, MAX_REQUESTS] = [2000, 500];

/** Observes one call, and answers what happened. */
export const createCallReport = (): { observer: CallObserver; end(): CallReport } => {
  const began = performance.now();
  const report: Omit<CallReport, "ms"> = { log: [], requests: [], memory: null, stack: null };
  return {
    observer: {
      onLine: (line) => {
        if (report.log.length < MAX_LINES) report.log.push({ time: Date.now() / 1000, ...line });
      },
      onRequest: (request) => {
        if (report.requests.length < MAX_REQUESTS) report.requests.push(request);
      },
      onMemory: (bytes) => {
        report.memory = bytes;
      },
      onStack: (stack) => {
        report.stack = stack;
      },
    },
    end: () => ({ ...report, ms: Math.round(performance.now() - began) }),
  };
};
