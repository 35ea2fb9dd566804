import type { Check } from "../types.ts";

const MANY = 30;

/** Sites ban those who ask too much, and all users of the plugin with them. */
export const manyRequests: Check = {
  rule: "many-requests",
  severity: "warning",
  run: ({ oddRuns, manifestSource }) =>
    oddRuns
      .filter(({ report }) => report.requests.length > MANY)
      .slice(0, 1)
      .map(({ on, report }) => ({
        ...manifestSource.placeOf(["permissions", "net"]),
        message: `It makes ${report.requests.length} requests in one call ${on}.`,
        hint: "Limit the number of tries, keep answers in ctx.cache, and set a cooldown.",
      })),
};
