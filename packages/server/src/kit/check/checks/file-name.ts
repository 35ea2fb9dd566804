import path from "node:path";
import type { Check } from "../types.ts";

/** Installed plugins of one type share a folder, so a registry takes only plain names. */
export const fileName: Check = {
  rule: "file-name",
  severity: "error",
  run: ({ file }) => {
    const { name, base } = path.parse(file);
    if (/^[A-Za-z0-9_-]+$/.test(name)) return [];
    const message = `A registry takes no file with the name ${base}.`;
    return [{ message, hint: "Use letters, digits, - and _ only, best the namespace of the plugin." }];
  },
};
