import type { Check } from "../types.ts";

/** A bundle hands on the code of others, which needs their permission. */
export const licence: Check = {
  rule: "licence",
  severity: "warning",
  run: ({ bundle }) =>
    (bundle?.packages ?? [])
      .filter((one) => one.licence === undefined || one.licence === "UNLICENSED")
      .map(({ name, version }) => ({
        message: `The package ${name} ${version} names no licence, so it may not be published with a plugin.`,
        hint: "Ask its author for a licence, or use another package.",
      })),
};
