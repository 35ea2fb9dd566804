import { readFile } from "node:fs/promises";
import { secretsIn } from "../../bundle/secrets-in-text.ts";
import type { Check } from "../types.ts";

/** A published file stays public, with every secret in it. */
export const secretInSource: Check = {
  rule: "secret-in-source",
  severity: "error",
  run: async ({ file, bundle }) => {
    const own = (bundle?.inputs ?? [file]).filter((input) => !/[/\\]node_modules[/\\]/.test(input));
    const found = await Promise.all(
      own.map(async (input) =>
        secretsIn(await readFile(input, "utf8")).map((one) => ({ ...one, file: input })),
      ),
    );
    return found.flat().map(({ what, ...place }) => ({
      ...place,
      message: `This looks like ${what}, and everyone can read a published plugin.`,
      hint: 'Take it out, and let the owner enter it: a parameter of the type "secret". If it was published, revoke it.',
    }));
  },
};
