import { MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import type { Check } from "../types.ts";

const LARGE = 256 * 1024;

const kib = (bytes: number): string => `${Math.ceil(bytes / 1024)} KiB`;

/** A registry takes files of 1 MiB, and people read small ones. */
export const size: Check = {
  rule: "size",
  severity: "error",
  isForOwners: true,
  run: ({ bundle }) => {
    if (!bundle || bundle.code.length <= LARGE) return [];
    const heaviest = bundle.weight.slice(0, 3).map(({ name, bytes }) => `${name} ${kib(bytes)}`);
    const hint = `The heaviest parts are ${heaviest.join(", ")}. Use a smaller package, or the part of it that is needed.`;
    const total = kib(bundle.code.length);
    if (bundle.code.length > MAX_ARTIFACT_BYTES)
      return [
        {
          message: `The plugin has ${total}, and an install takes at most ${kib(MAX_ARTIFACT_BYTES)}.`,
          hint,
        },
      ];
    return [
      { severity: "warning", message: `The plugin has ${total}: few owners can review so much.`, hint },
    ];
  },
};
