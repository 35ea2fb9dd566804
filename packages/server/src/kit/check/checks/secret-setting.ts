import type { Check, Fault } from "../types.ts";

const SECRET_NAME = /(?:pass(?:word|wd)?|secret|token|api_?key|cookie|session_?id)$/i;

/** A server shows the values of settings, but not of secrets. */
export const secretSetting: Check = {
  rule: "secret-setting",
  severity: "warning",
  isForOwners: true,
  run: ({ plugin, manifestSource }) =>
    Object.entries(plugin?.manifest.parameters ?? {}).flatMap(([name, { type, default_value }]): Fault[] => {
      const place = manifestSource.placeOf(["parameters", name]);
      if (type === "string" && SECRET_NAME.test(name))
        return [
          {
            ...place,
            message: `The setting ${name} sounds like a secret, and a server shows its value as text.`,
            hint: 'Declare it with type: "secret".',
          },
        ];
      if (type === "secret" && default_value !== undefined && default_value !== "")
        return [
          {
            ...place,
            severity: "error",
            message: `The secret ${name} has a default, which everyone can read.`,
            hint: "Remove default_value. Without a value of the owner the setting is an empty text.",
          },
        ];
      return [];
    }),
};
