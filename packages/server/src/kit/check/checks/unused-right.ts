import type { Check } from "../types.ts";

/** The word that code must hold to use a right. */
const WORDS = { net: /\bfetch\b/, library: /\blibrary\b/, files: /\bfiles\b/ } as const;

/** Each right that is asked for makes owners hesitate, and an attack worth more. */
export const unusedRight: Check = {
  rule: "unused-right",
  severity: "warning",
  isForOwners: true,
  run: ({ plugin, bundle, source, manifestSource }) => {
    if (!plugin || plugin.code.filename.endsWith(".pm")) return [];
    const { permissions = {}, type } = plugin.manifest;
    const code = bundle?.isBundled ? bundle.code.toString("utf8") : source;
    // The manifest has the word too, so it must occur once more.
    const isUsed = (right: keyof typeof WORDS): boolean =>
      (code.match(new RegExp(WORDS[right], "g")) ?? []).length > (right === "net" ? 0 : 1);
    return (
      (Object.keys(WORDS) as (keyof typeof WORDS)[])
        .filter((right) => permissions[right] !== undefined && !isUsed(right))
        // A download plugin and a login name the hosts of the addresses that they return.
        .filter((right) => right !== "net" || type === "metadata" || type === "script")
        .map((right) => ({
          ...manifestSource.placeOf(["permissions", right]),
          message: `The manifest asks for \`${right}\`, and nothing in the plugin uses it.`,
          hint: "Remove it: owners see every right before an install.",
        }))
    );
  },
};
