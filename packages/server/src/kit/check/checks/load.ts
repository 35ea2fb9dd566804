import path from "node:path";
import type { Check } from "../types.ts";

/** The sandbox must load it, as an install does. */
export const load: Check = {
  rule: "load",
  severity: "error",
  run: ({ file, loadFailure }) => {
    if (!loadFailure || loadFailure.code === "MANIFEST_INVALID") return [];
    const { message, hint, place } = loadFailure;
    const at = place && { ...place, file: path.resolve(path.dirname(file), place.file) };
    return [{ message, hint, ...at }];
  },
};
