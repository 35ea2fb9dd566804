import type { Check } from "../types.ts";

/** An owner whose token has expired sees no tags, and no reason. */
export const silentRefusal: Check = {
  rule: "silent-refusal",
  severity: "warning",
  run: ({ oddRuns, manifestSource }) =>
    oddRuns
      .filter(
        ({ report }) => report.failure === null && report.requests.some(({ outcome }) => outcome === 403),
      )
      .map(({ on }) => ({
        ...manifestSource.placeOf(["permissions", "net"]),
        message: `It ends without an error ${on}, so its user learns nothing of the refusal.`,
        hint: "Throw an Error for an answer that is not ok, with its status and what the user can do.",
      })),
};
