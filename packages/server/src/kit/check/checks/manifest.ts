import type { Check } from "../types.ts";

/** The manifest must match the schema; an install refuses it otherwise. */
export const manifest: Check = {
  rule: "manifest",
  severity: "error",
  run: ({ loadFailure, manifestSource }) => {
    if (loadFailure?.code !== "MANIFEST_INVALID") return [];
    const [, pointer = "/"] = / at (\/\S*):/.exec(loadFailure.message) ?? [];
    const path = pointer.split("/").filter(Boolean);
    return [{ ...manifestSource.placeOf(path), message: loadFailure.message, hint: loadFailure.hint }];
  },
};
