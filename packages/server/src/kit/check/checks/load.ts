import path from "node:path";
import { MAX_ARTIFACT_BYTES } from "@hitagi/contract";
import type { Check } from "../types.ts";

/** The sandbox must load it, as an install does. */
export const load: Check = {
  rule: "load",
  severity: "error",
  run: ({ file, loadFailure, bundle }) => {
    if (!loadFailure || loadFailure.code === "MANIFEST_INVALID") return [];
    // The check of the size says it better.
    if (bundle && bundle.code.length > MAX_ARTIFACT_BYTES) return [];
    const { message, hint, place } = loadFailure;
    const at = place && { ...place, file: path.resolve(path.dirname(file), place.file) };
    return [{ message, hint, ...at }];
  },
};
